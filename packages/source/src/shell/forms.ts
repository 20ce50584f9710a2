/** Constructs that the words of a command and the next character begin: a group, an array, a function. */
import type { Word } from './syntax.ts';
import type { Part } from './word-reader.ts';

/** Words that may precede `{`. */
const BEFORE_GROUP = /^(?:if|then|else|elif|do|while|until|!|time|\{)$/;

/** `{a..z}` */
const RANGE = /\{\w\.\.\w\}/;

/** `{` is a separate word only at the start of a command: `{{docker}}` and `{a,b}` are words. */
export function beginsGroup(words: readonly Word[], next = ' '): boolean {
  if (!/\s/.test(next) || words.length > 4) return false;
  return words.every(({ text }) => BEFORE_GROUP.test(text)) || (words[0]?.text === 'function' && words.length === 2);
}

/** `name=(`, without a blank before the parenthesis. */
export function beginsArray(words: readonly Word[], before = ''): boolean {
  const last = words.at(-1);
  return last !== undefined && before === '=' && /^[A-Za-z_]\w*\+?=$/.test(last.text);
}

/** `let x=1<<4` is arithmetic, not a here-document. */
export function reckons([first, second]: readonly Word[]): boolean {
  return first?.text === 'let' || (second?.text === 'let' && BEFORE_GROUP.test(first?.text ?? ''));
}

/** `2` of `2>file`, `{fd}` of `{fd}>file`. */
export function isDescriptor(text: string): boolean {
  return /^(?:\d+|\{[A-Za-z_]\w*\})$/.test(text);
}

/** The function that `name` or `function name` defines, if `()` or `{` follows. */
export function nameIn(words: readonly Word[]): string | undefined {
  if (words.length > 5) return undefined;
  const [first, second, third] = words.filter(({ text }) => !BEFORE_GROUP.test(text));
  const name = first?.text === 'function' ? second : first;
  if (third || (second && name === first) || !name || !/^[\w.:@-]{1,80}$/.test(name.text)) return undefined;
  return name.text;
}

/** Whether there is nothing to expand. */
export function isPlain(parts: readonly Part[]): boolean {
  const text = parts[0]?.kind === 'text' ? parts[0].text : '';
  const isRange = parts.some((part) => part.kind === 'text' && !part.isQuoted && RANGE.test(part.text));
  const isBraceList = text.startsWith('{') && text.endsWith('}') && text.includes(',') && !text.includes('\n');
  return !isBraceList && !isRange && parts.every(({ kind }) => kind === 'text');
}
