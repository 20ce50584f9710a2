import { isFilledIn, isSecretName } from './names.ts';

/** `NAME=value` in a text. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  /** Of the value. */
  readonly from: number;
  readonly to: number;
}

/**
 * Beginnings of history entries in which BuildKit and the old builder write build arguments, variables and labels
 * unquoted, blanks included.
 */
const UNQUOTED = /^(?:\/bin\/sh -c #\(nop\) +)?(?:RUN \|[0-9]{1,4}|ENV|ARG|LABEL) /;
const NAME = /(?<![\w.-])[A-Za-z_][\w.-]{0,199}=/g;
/** Minimum length of a value in a command: a shorter one is mostly a switch. */
const SHORTEST_IN_COMMAND = 8;

/**
 * Assignments to secret names in the history of an image: in a list of build arguments, and in the command after it.
 * Includes placeholders.
 */
export function secretAssignmentsIn(text: string): readonly Assignment[] {
  const [start] = UNQUOTED.exec(text) ?? [''];
  const runs = start.includes('|') ? (shellIn(text)?.index ?? text.length) : text.length;
  const list = start === '' ? 0 : runs;
  const found = [...unquoted(text, start.length, list), ...quoted(text, list)];
  return found.filter(({ name, value }) => isSecretName(name) && isFilledIn(value));
}

/** Maximum length of a shell with its options, in characters. */
const LONGEST_SHELL = 640;

/** The shell that runs a RUN instruction: a path, and at most nine options, the last of which ends with `c`. */
function shellIn(text: string): { readonly index: number; readonly end: number } | undefined {
  for (let at = text.indexOf(' /'); at >= 0; at = text.indexOf(' /', at + 1)) {
    const [path = '', ...options] = text.slice(at + 1, at + LONGEST_SHELL).split(' ', 11);
    if (!/^\/[^\s=]{1,200}$/.test(path)) continue;
    const last = options.findIndex((option) => /^-[a-z]{0,8}c$/.test(option));
    const isShell = options.slice(0, last).every((option) => /^[\w-]{1,40}$/.test(option));
    if (last < 0 || last === options.length - 1 || !isShell) continue;
    return { index: at, end: at + 1 + [path, ...options.slice(0, last + 1), ''].join(' ').length };
  }
  return undefined;
}

/** A value ends where the next name begins. */
function unquoted(text: string, from: number, to: number): readonly Assignment[] {
  const names = [...text.slice(0, to).matchAll(NAME)].filter(({ index }) => index >= from);
  return names.map(({ 0: name, index }, at) => {
    const begin = index + name.length;
    const end = names[at + 1]?.index ?? to;
    return { name: name.slice(0, -1), value: text.slice(begin, end).trim(), from: begin, to: end };
  });
}

function quoted(text: string, from: number): readonly Assignment[] {
  const found: Assignment[] = [];
  for (const { 0: name, index } of text.matchAll(NAME)) {
    const begin = index + name.length;
    if (index < from) continue;
    const value = valueAt(text, begin);
    if (value.length >= SHORTEST_IN_COMMAND) {
      found.push({ name: name.slice(0, -1), value, from: begin, to: begin + value.length });
    }
  }
  return found;
}

function valueAt(text: string, at: number): string {
  const quote = text.charAt(at);
  const end = quote === '"' || quote === "'" ? text.indexOf(quote, at + 1) : -1;
  if (end > 0) return text.slice(at, end + 1);
  const value = /[^\s"'\\;&|)]{0,4096}/y;
  value.lastIndex = at;
  return value.exec(text)?.[0] ?? '';
}

/** Replaces secrets in a text by `***`. */
export function withoutAssignments(text: string): string {
  let clean = '';
  let from = 0;
  for (const one of secretAssignmentsIn(text)) {
    if (one.from < from) continue;
    clean += `${text.slice(from, one.from)}***${/\s$/.test(text.slice(one.from, one.to)) ? ' ' : ''}`;
    from = one.to;
  }
  return clean + text.slice(from);
}

/** Start of the command of a RUN instruction, after its build arguments; undefined for other instructions. */
export function commandStart(text: string): number | undefined {
  if (!/^RUN \|[0-9]{1,4} /.test(text)) return undefined;
  return shellIn(text)?.end;
}
