/** Expands the words of a command: variables, substitutions and braces. */
import type { Text, Word } from './commands.ts';
import type { Part } from './word-reader.ts';

/** A value of a variable: a string, or the words of an array. */
export type Value = Text | { readonly words: readonly string[] };

/** The sources of values. Each name may have several possible values; `undefined`: unknown. */
export interface Names {
  valuesOf(name: string): readonly Value[] | undefined;
  /** The arguments of a script or a function; undefined if unknown. */
  readonly positional: readonly string[] | undefined;
  readonly zeroth: string | undefined;
  set(name: string, value: Value): void;
  /** GitHub's `${{ … }}`, without the braces. */
  expression(text: string): readonly string[] | undefined;
  /** The output of a substitution. */
  printed(part: Part & { kind: 'commands' }): Text | undefined;
}

/** Longer values and more words are truncated. */
const LONGEST = 20_000;
const MOST_WORDS = 2000;
const DEEPEST = 5;

/** A word that may contain a name next to unknown text. */
export interface Expanded extends Word {
  /** The text without its unknown variables, if it has both. */
  readonly bare?: string | undefined;
  /** The text that it came from, if that has its own position. */
  readonly origin?: Text | undefined;
}

/** @param choice which of a variable's possible values to use @param splits false for assigned values */
export function expand(word: Word, names: Names, choice: number, splits = true): Expanded[] {
  const { parts } = word;
  if (!parts) return [word];
  const words: Expanded[] = [];
  let current = '';
  let bare = '';
  let isThere = false;
  let isGlued = false;
  let origin: Text | undefined;
  const finish = () => {
    if (isThere || current !== '') {
      const { offset } = word;
      words.push({
        text: current.slice(0, LONGEST),
        offset,
        bare: isGlued && bare !== '' ? bare : undefined,
        origin: origin && origin.text === current ? origin : undefined,
      });
    }
    [current, bare, isThere, isGlued, origin] = ['', '', false, false, undefined];
  };
  const add = (text: string) => {
    current += text;
    bare += text;
  };
  const addFields = (fields: readonly string[]) => {
    for (const [at, field] of fields.entries()) {
      if (at > 0) finish();
      if (words.length > MOST_WORDS) return;
      add(field);
      isThere = true;
    }
  };
  for (const part of parts) {
    if (part.kind === 'text') {
      const isList = !part.isQuoted && parts.length === 1 && isBraceList(part.text);
      if (isList) addFields(part.text.slice(1, -1).split(','));
      else {
        add(part.isQuoted ? part.text : withoutRanges(part.text));
        isThere ||= part.isQuoted || part.text !== '';
      }
      continue;
    }
    const value = part.kind === 'commands' ? names.printed(part) : heldBy(part.raw, names, choice);
    if (value === undefined) {
      current += part.raw;
      isThere = true;
      isGlued = true;
    } else if ('words' in value) {
      if (splits) addFields(part.isQuoted && !/[@*]/.test(part.raw) ? value.words.slice(0, 1) : value.words);
      else add(value.words.join(' '));
    } else if (part.isQuoted || !splits) {
      add(value.text);
      isThere ||= part.isQuoted;
      origin = value;
    } else {
      // Blanks at the ends of a value would also separate words, but that has no effect here.
      const fields = value.text.split(/\s+/).filter((field) => field !== '');
      addFields(fields);
    }
    if (current.length > LONGEST) current = current.slice(0, LONGEST);
  }
  finish();
  return words;
}

function textOf(text: string | undefined): Text | undefined {
  return text === undefined ? undefined : { text };
}

/** Maximum number of values of the variables in these words. */
export function choicesOf(words: readonly Word[], names: Names): number {
  let most = 1;
  for (const { parts = [] } of words.slice(0, 100)) {
    for (const part of parts) {
      if (part.kind !== 'variable') continue;
      const inner = expressionIn(part.raw);
      const values = inner === undefined ? names.valuesOf(nameIn(part.raw)) : names.expression(inner);
      most = Math.max(most, values?.length ?? 1);
    }
  }
  return Math.min(most, MOST_VALUES);
}

/** Maximum number of values of one variable. */
export const MOST_VALUES = 4;

/** `{docker,podman}`, with no text around it and no braces in it. */
function isBraceList(text: string): boolean {
  const inner = text.slice(1, -1);
  return text.startsWith('{') && text.endsWith('}') && inner.includes(',') && !/[{}]/.test(inner);
}

/** `{d..d}` is `d`: other ranges are lists, and cannot spell an engine. */
function withoutRanges(text: string): string {
  return text.replace(/\{(\w)\.\.(\w)\}/g, (all, from: string, to: string) => (from === to ? from : all));
}

function nameIn(raw: string): string {
  return /^\$\{?!?(\w+)/.exec(raw)?.[1] ?? '';
}

function expressionIn(raw: string): string | undefined {
  return raw.startsWith('${{') ? raw.slice(3).replace(/\}\}$/, '').trim() : undefined;
}

function pick<T>(values: readonly T[] | undefined, choice: number): T | undefined {
  return values && values.length > 0 ? values[choice % values.length] : undefined;
}

function heldBy(raw: string, names: Names, choice: number, depth = 0): Value | undefined {
  const inner = expressionIn(raw);
  if (inner !== undefined) return textOf(pick(names.expression(inner), choice));
  if (raw.startsWith('$') && !raw.startsWith('${')) return named(raw.slice(1), names, choice);
  const [all = '', mark = '', name = '', index = ''] =
    /^\$\{([!#]?)([A-Za-z_]\w*|[0-9@*#?!$-])(\[[^\]]*\])?/.exec(raw) ?? [];
  if (name === '' || mark === '#' || !raw.endsWith('}')) return undefined;
  const operator = raw.slice(all.length, -1);
  const value = indexed(named(name, names, choice), index.slice(1, -1));
  if (mark === '!') {
    return value && 'text' in value ? named(value.text, names, choice) : undefined;
  }
  if (operator === '') return value;
  return operated(name, value, operator, names, choice, depth);
}

/** `${tools[build]}`, for `tools=([build]=docker)` or a list. */
function indexed(value: Value | undefined, index: string): Value | undefined {
  if (index === '' || !value || 'text' in value) return value;
  const bare = (word: string) => word.replace(/^\[[^\]]{0,60}\]=/, '');
  if (index === '@' || index === '*') return { words: value.words.map(bare) };
  const key = index.replace(/["']/g, '');
  const found =
    value.words.find((word) => word.startsWith(`[${key}]=`)) ??
    (/^-?\d{1,5}$/.test(key) ? value.words.at(Number(key)) : undefined);
  return textOf(found === undefined ? undefined : bare(found));
}

/** `${name:-word}` and similar operators (POSIX, 2.6.2; bash: case, substring, replacement). */
function operated(
  name: string,
  value: Value | undefined,
  operator: string,
  names: Names,
  choice: number,
  depth: number,
): Value | undefined {
  const [, sign = '', operand = ''] = /^(:?[-=?+]|##?|%%?|\/\/?|\^\^?|,,?|:)([\s\S]*)$/.exec(operator) ?? [];
  const text = value && 'text' in value ? value.text : undefined;
  const isSet = value !== undefined && text !== '';
  if (/^:?[-=]$/.test(sign)) {
    if (isSet) return value;
    const other = plain(operand, names, choice, depth);
    if (sign.endsWith('=') && other !== undefined) names.set(name, { text: other });
    return textOf(other);
  }
  if (/^:?\?$/.test(sign)) return value;
  if (/^:?\+$/.test(sign)) return isSet ? textOf(plain(operand, names, choice, depth)) : value && { text: '' };
  if (value && 'words' in value && sign === ':') return sliced(value.words, operand, name === '@' || name === '*');
  if (text === undefined) return undefined;
  if (sign.startsWith(',')) return { text: text.toLowerCase() };
  if (sign.startsWith('^')) return { text: text.toUpperCase() };
  if (sign.startsWith('#')) {
    if (operand === '*/') return { text: text.slice(text.lastIndexOf('/') + 1) };
    return { text: text.startsWith(operand) ? text.slice(operand.length) : text };
  }
  if (sign.startsWith('%'))
    return { text: text.endsWith(operand) ? text.slice(0, text.length - operand.length) : text };
  if (sign.startsWith('/')) {
    const [old = '', fresh = ''] = operand.split('/');
    if (old === '') return { text };
    return { text: sign === '//' ? text.replaceAll(old, fresh) : text.replace(old, () => fresh) };
  }
  const [, from = '', length] = /^\s*(\d{1,5})(?::(\d{1,5}))?$/.exec(operand) ?? [];
  if (from === '') return { text };
  const start = Number(from);
  return { text: text.slice(start, length === undefined ? undefined : start + Number(length)) };
}

/** `${list[@]:1:2}`; the first item of `$@` has index 1. */
function sliced(words: readonly string[], operand: string, isPositional: boolean): Value | undefined {
  const [, from, length] = /^\s*(-?\d{1,5})(?::(\d{1,5}))?$/.exec(operand) ?? [];
  if (from === undefined) return undefined;
  const start = Number(from) - (isPositional && Number(from) > 0 ? 1 : 0);
  const left = words.slice(start);
  return { words: length === undefined ? left : left.slice(0, Number(length)) };
}

/** The word after an operator, without quotes and with its variables resolved. */
function plain(word: string, names: Names, choice: number, depth: number): string | undefined {
  if (depth > DEEPEST) return undefined;
  const text = word.replace(/["']/g, '');
  if (/^\$\{.*\}$/s.test(text) || /^\$\w+$/.test(text)) {
    const value = heldBy(text, names, choice, depth + 1);
    return value && ('text' in value ? value.text : value.words.join(' '));
  }
  const [, printed] = /^\$\((?:which|command -v|type -[pP])\s+([\w.-]+)/.exec(text) ?? [];
  if (printed !== undefined) return printed;
  return text.includes('$') || text.includes('`') ? undefined : text;
}

function named(name: string, names: Names, choice: number): Value | undefined {
  const { positional, zeroth } = names;
  if (name === '@' || name === '*') return positional && { words: positional };
  if (name === '0') return textOf(zeroth);
  if (/^[1-9]\d?$/.test(name)) return positional && { text: positional[Number(name) - 1] ?? '' };
  return pick(names.valuesOf(name), choice);
}
