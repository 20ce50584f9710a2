import { DECODERS, decoded } from './decoders.ts';
import { offsetIn, type View, ViewWriter } from './view.ts';

/**
 * Secrets taken out of text, however it writes them: the text is also read as each reader would decode it, so that no
 * list of forms has to be complete. The runner masks its own log too, but not what goes to files (summary, reports), and
 * outside a runner nobody does.
 */
export interface Redactor {
  add(secret: string): void;
  redact(text: string): string;
  /** The same of all texts in a value, names of properties too. Call it before the value is written as JSON or HTML. */
  redactAll<T>(value: T): T;
}

export const REDACTED = '***';

/** Characters. A shorter secret (`{}`, `1`), or a form of it, would match half the log. */
export const SHORTEST_MASKED = 6;

/** JSON in JSON in an address: a text that was encoded more often is not looked into. */
const DEEPEST = 3;

export function createRedactor(): Redactor {
  /** What is looked for as it is written, and what in every view of a text. */
  const short = new Set<string>();
  const needles = new Set<string>();
  const redact = (text: string): string => {
    if (short.size === 0 && needles.size === 0) return text;
    const ranges: Range[] = [...rangesOf({ text, starts: undefined }, short)];
    for (const view of viewsOf(text)) ranges.push(...rangesOf(view, needles));
    return without(text, ranges);
  };
  return {
    add(secret) {
      const trimmed = secret.trim();
      if (trimmed === '') return;
      if (trimmed.length < SHORTEST_MASKED) short.add(trimmed);
      for (const part of [trimmed, ...secretLines(secret)]) {
        if (part.length >= SHORTEST_MASKED) for (const form of formsOf(part)) needles.add(form);
      }
    },
    redact,
    redactAll: <T>(value: T) => everyText(value, redact, new Map()) as T,
  };
}

/** @param done what an object became: one that stands in two places, or is a key elsewhere, stays one */
function everyText(value: unknown, change: (text: string) => string, done: Map<unknown, unknown>): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  const inner = (one: unknown) => everyText(one, change, done);
  const known = done.get(value);
  if (known !== undefined) return known;
  let made: unknown = value;
  if (Array.isArray(value)) made = value.map(inner);
  else if (value instanceof Map) made = new Map([...value].map(([key, one]) => [inner(key), inner(one)]));
  else if (value instanceof Set) made = new Set([...value].map(inner));
  else if (Object.getPrototypeOf(value) === Object.prototype) {
    made = Object.fromEntries(Object.entries(value).map(([key, one]) => [change(key), inner(one)]));
  }
  done.set(value, made);
  return made;
}

/** The lines of a secret that are taken out by themselves: `{` of a JSON file would match half the log. */
export function secretLines(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  return lines.filter((line) => line.length >= SHORTEST_MASKED);
}

/**
 * What no decoder undoes: base64 and hex. A lone surrogate is U+FFFD wherever a text became bytes. What the secret itself
 * decodes to is looked for as well: encoders that leave a `%` alone make that of it, and its reader does.
 */
function formsOf(part: string): readonly string[] {
  const bytes = Buffer.from(part);
  const shifted = [0, 1, 2].flatMap((shift) => [base64At(bytes, shift, 'base64'), base64At(bytes, shift, 'base64url')]);
  const hex = bytes.toString('hex');
  const read = [part, part.toWellFormed()].flatMap((text) => viewsOf(text).map((view) => view.text));
  const packed = [hex, hex.toUpperCase(), ...shifted].map((form) => plain({ text: form, starts: undefined }).text);
  return [...read, ...packed].filter((form) => form.length >= SHORTEST_MASKED);
}

/** Base64 of the secret standing `shift` bytes into a group of three (`user:secret`), without the edges others share. */
function base64At(secret: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), secret]);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return whole.toString(encoding).slice(shift === 0 ? 0 : 4);
}

/** The text, and what it is once decoded, in every order in which encodings may lie over one another. */
function viewsOf(text: string): readonly View[] {
  const seen = new Set([text]);
  const views: View[] = [{ text, starts: undefined }];
  let last = views.slice();
  for (let depth = 0; depth < DEEPEST && last.length > 0; depth += 1) {
    const next: View[] = [];
    for (const view of last) {
      for (const decoder of DECODERS) {
        const found = decoded(view, decoder);
        if (!found || seen.has(found.text)) continue;
        seen.add(found.text);
        next.push(found);
      }
    }
    views.push(...next);
    last = next;
  }
  return views.map(plain);
}

/** Blanks and line ends are one blank: a log joins lines, and indents them. In a query `+` is one as well. */
function plain(view: View): View {
  const { text } = view;
  if (!/[+\u0085]|[^\S ]|\s\s/.test(text)) return view;
  const writer = new ViewWriter(view);
  let from = 0;
  for (const { 0: blanks, index } of text.matchAll(/[\s\u0085+]+/g)) {
    writer.copy(from, index);
    writer.add(' ', index);
    from = index + blanks.length;
  }
  writer.copy(from, text.length);
  return writer.end();
}

type Range = readonly [from: number, to: number];

/** Matches that overlap too: of two secrets that share their ends, neither end may stay. */
function rangesOf(view: View, needles: ReadonlySet<string>): Range[] {
  const ranges: Range[] = [];
  for (const needle of needles) {
    for (let at = view.text.indexOf(needle); at >= 0; at = view.text.indexOf(needle, at + 1)) {
      ranges.push([offsetIn(view, at), offsetIn(view, at + needle.length)]);
    }
  }
  return ranges;
}

function without(text: string, ranges: readonly Range[]): string {
  const parts: string[] = [];
  let covered = 0;
  for (const [start, end] of ranges.toSorted(([one], [other]) => one - other)) {
    // One that touches the last is a part of it.
    if (parts.length === 0 || start > covered) parts.push(text.slice(covered, start), REDACTED);
    covered = Math.max(covered, end);
  }
  return parts.join('') + text.slice(covered);
}
