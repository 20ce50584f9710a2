/** Assignments at the beginning of a command: `NAME=value`, `export`, `for NAME in …`. */
import { type Expanded, expand, type Names, type Value } from './expansion.ts';
import type { State } from './state.ts';
import type { Word } from './syntax.ts';
import { ASSIGNMENT, KEYWORDS } from './wrappers.ts';

interface Assigning {
  readonly names: Names;
  readonly choice: number;
  readonly state: State;
  /** It runs unconditionally. */
  readonly isCertain: boolean;
  expanded(word: Word): readonly Expanded[];
  /** The position of the text that a word's substitution prints, if that is one text. */
  originOf(word: Word): { readonly offset?: number };
}

const LONGEST = 20_000;
const MOST_WORDS = 500;

/**
 * Processes keywords, `for` and assignments at the beginning of a command. @returns the words after them; undefined if
 * nothing runs
 */
export function behindAssignments(words: readonly Word[], assigning: Assigning): readonly Word[] | undefined {
  const { names, choice, state } = assigning;
  let at = 0;
  while (at < words.length && KEYWORDS.has(words[at]?.text ?? '')) at += 1;
  const first = words[at]?.text ?? '';
  if ((first === 'for' || first === 'select') && state.isSpent) return undefined;
  if ((first === 'for' || first === 'select') && words[at + 2]?.text === 'in') {
    const values = words.slice(at + 3, at + 30).flatMap((word) => expand(word, names, choice));
    const texts = values.map(({ text }) => text);
    state.setAll(words[at + 1]?.text ?? '', texts);
    return undefined;
  }
  if (first === 'case') return undefined;
  const declares = /^(?:export|local|readonly|declare|typeset)$/.test(first);
  if (declares) at += 1;
  const refers = declares && words.slice(at, at + 3).some(({ text }) => /^-[a-zA-Z]*n/.test(text));
  for (; at < words.length; at += 1) {
    const word = words[at] as Word;
    const [name] = ASSIGNMENT.exec(word.text) ?? [];
    if (name !== undefined && refers) refer(name, word, assigning);
    else if (name !== undefined) assign(name, word, assigning);
    else if (!declares) break;
  }
  return declares ? undefined : words.slice(at);
}

/** `declare -n NAME=variable` */
function refer(assigned: string, word: Word, { names, choice, state }: Assigning): void {
  const [one] = expand(word, names, choice, false);
  state.refer(assigned.slice(0, -1), (one?.text ?? '').slice(assigned.length));
}

/** @param assigned `NAME=`, `NAME+=` or `NAME[index]=` */
function assign(assigned: string, word: Word, { names, choice, state, isCertain, ...at }: Assigning): void {
  if (state.isSpent) return;
  const adds = assigned.endsWith('+=');
  const [name = ''] = assigned.slice(0, adds ? -2 : -1).split('[', 1);
  const [old] = state.valuesOf(name) ?? [];
  let value: Value;
  if (word.array) {
    const list = word.array.slice(0, MOST_WORDS).flatMap((one) => at.expanded(one).map(({ text }) => text));
    value = { words: adds && old && 'words' in old ? [...old.words, ...list].slice(0, MOST_WORDS) : list };
  } else {
    const [one] = expand(word, names, choice, false);
    const text = (one?.text ?? '').slice(assigned.length);
    // A value that is only another unknown variable is unknown, too.
    if (one?.bare !== undefined && word.parts?.length === 2 && one.bare === assigned) {
      if (isCertain) state.forget(name);
      return;
    }
    value = { text: adds && old && 'text' in old ? (old.text + text).slice(0, LONGEST) : text, ...at.originOf(word) };
  }
  state.set(name, value, isCertain || adds);
}
