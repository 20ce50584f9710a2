/** Building blocks of launchers. */
import type { Text, Word } from './syntax.ts';

export type ScriptLanguage = 'python' | 'javascript' | 'ruby' | 'perl' | 'php' | 'powershell' | 'batch';

export type Launch = { readonly isRemote?: true | undefined } & (
  | { readonly kind: 'words'; readonly words: readonly Word[] }
  | {
      readonly kind: 'text';
      readonly text: Text;
      readonly args?: readonly string[];
      readonly zeroth?: string | undefined;
    }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly args?: readonly string[];
      readonly zeroth?: string | undefined;
    }
  | { readonly kind: 'program'; readonly language: ScriptLanguage; readonly text: Text }
);

export type Launcher = (rest: readonly Word[], stdin: Text | undefined, name: string) => readonly Launch[];

/** A word as a text at the word's position. */
export function wordText(word: Word): Text {
  const origin = 'origin' in word ? (word.origin as Text | undefined) : undefined;
  if (origin?.offset !== undefined) return origin;
  return { text: word.text, offset: word.offset, length: word.length };
}

/** Joins words to one text, as `eval` does. */
export function joined(words: readonly Word[]): Launch[] {
  const [first] = words;
  if (!first) return [];
  if (words.length === 1) return [{ kind: 'text', text: wordText(first) }];
  return [{ kind: 'text', text: { text: words.map(({ text }) => text).join(' '), offset: first.offset, length: 0 } }];
}

export const given = (text: Text | undefined): Launch[] => (text ? [{ kind: 'text', text }] : []);
export const words = (list: readonly Word[]): Launch[] => (list.length > 0 ? [{ kind: 'words', words: list }] : []);

/** The word after an option, or the text after `--option=`. */
export function optionIn(rest: readonly Word[], option: RegExp): Word | undefined {
  for (const [at, word] of rest.entries()) {
    const equals = word.text.indexOf('=');
    if (option.test(word.text)) return rest[at + 1];
    if (equals > 0 && word.text.startsWith('--') && option.test(word.text.slice(0, equals))) {
      return { ...word, text: word.text.slice(equals + 1) };
    }
  }
  return undefined;
}

export function optionText(rest: readonly Word[], option: RegExp): Launch[] {
  const word = optionIn(rest, option);
  return word ? [{ kind: 'text', text: wordText(word) }] : [];
}
