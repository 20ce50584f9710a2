import { type BytesView, bytesViews } from './bytes.ts';
import { decoded, quotedPrintable } from './decoders.ts';
import { packedForms, packedTwice, quotedForms, readForms, SHORTEST_MASKED } from './forms.ts';
import { Needles } from './needles.ts';
import { offsetIn, type View, viewOf } from './view.ts';
import { joined, plain, viewsOf } from './views.ts';
import { Windows } from './windows.ts';

/**
 * Removes secrets from text, in any encoding: the text is also searched after decoding, so that no list of encodings
 * has to be complete. The runner masks only its own log, not files (summary, reports), and only on a runner.
 */
export interface Redactor {
  add(secret: string): void;
  redact(text: string): string;
  /**
   * The same for all texts in a value, including property names. Call it before the value is written as JSON or HTML.
   */
  redactAll<T>(value: T): T;
}

export const REDACTED = '***';

/** Characters of a piece of base64, hex or a dump: half a line contains as many. */
const PACKED_PIECE = 20;
const DUMPED_PIECE = 6;

/** Columns of the shortest lines in which programs write base64 and hex. */
const SHORTEST_WRAPPED = 60;

export function createRedactor(): Redactor {
  const known = new KnownSecrets();
  const redact = (text: string) => known.redact(text);
  return {
    add: (secret) => known.add(secret),
    redact,
    redactAll: <T>(value: T) => everyText(value, redact, new Map()) as T,
  };
}

class KnownSecrets {
  /** Searched for as they are written. */
  readonly #short = new Set<string>();
  /** Searched for in every view of a text. */
  readonly #needles = new Needles();
  /** Base64 and hex, searched for across line ends. */
  readonly #packed = new Needles();
  readonly #packedPieces = new Windows(PACKED_PIECE);
  readonly #dumpedPieces = new Windows(DUMPED_PIECE);

  add(secret: string): void {
    const trimmed = secret.trim();
    if (trimmed === '') return;
    if (trimmed.length < SHORTEST_MASKED) this.#short.add(trimmed);
    const read = readForms(trimmed);
    const parts = new Set([trimmed, ...[secret, ...read].flatMap(secretLines)]);
    for (const part of parts) {
      if (part.length < SHORTEST_MASKED) continue;
      const packed = packedForms(part);
      for (const form of [...(part === trimmed ? read : readForms(part)), ...quotedForms(part)]) this.#addNeedle(form);
      for (const form of [...packed, ...packedTwice(part)]) {
        this.#addNeedle(form);
        this.#packed.add(form);
      }
    }
    if (trimmed.length < SHORTEST_MASKED) return;
    for (const form of packedForms(trimmed)) if (form.length > SHORTEST_WRAPPED) this.#packedPieces.add(form);
    this.#dumpedPieces.add(plain(viewOf(trimmed)).text);
  }

  redact(text: string): string {
    const ranges: Range[] = [];
    for (const needle of this.#short) {
      for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
        ranges.push([at, at + needle.length]);
      }
    }
    if (this.#needles.size > 0) this.#findForms(text, ranges);
    return without(text, ranges);
  }

  #findForms(text: string, ranges: Range[]): void {
    for (const { view, hasLines } of viewsOf(text)) {
      this.#find(this.#needles, plain(view), ranges);
      if (!hasLines) continue;
      this.#findPacked(joined(view), ranges);
      for (const bytes of bytesViews(view)) this.#findBytes(bytes, ranges);
      const mail = decoded(view, quotedPrintable);
      if (mail) this.#find(this.#needles, plain(mail), ranges);
    }
  }

  #find(needles: Needles, view: View, ranges: Range[]): void {
    needles.find(view.text, (at, { length }) => ranges.push([offsetIn(view, at), offsetIn(view, at + length)]));
  }

  #findPacked(view: View, ranges: Range[]): void {
    this.#find(this.#packed, view, ranges);
    if (this.#packedPieces.isEmpty) return;
    for (const { 0: run, index } of view.text.matchAll(PACKED_RUN)) {
      for (const [from, to] of this.#packedPieces.find(view.text, index, index + run.length)) {
        ranges.push([offsetIn(view, from), offsetIn(view, to)]);
      }
    }
  }

  #findBytes({ view, lineEnds }: BytesView, ranges: Range[]): void {
    const shown = plain(view);
    const add = (from: number, to: number) => {
      const end = lineEnds.length === 0 ? offsetIn(shown, to) : firstFrom(lineEnds, offsetIn(shown, to - 1));
      ranges.push([offsetIn(shown, from), end]);
    };
    this.#needles.find(shown.text, (at, { length }) => add(at, at + length));
    for (const [from, to] of this.#dumpedPieces.find(shown.text, 0, shown.text.length)) add(from, to);
  }

  #addNeedle(form: string): void {
    const { text } = plain(viewOf(form));
    if (text.length >= SHORTEST_MASKED) this.#needles.add(text);
  }
}

/** Twice as long as a piece. */
const PACKED_RUN = /(?<![\w+/-])[\w+/-]{40,}/g;

/** @param ascending must not be empty */
function firstFrom(ascending: readonly number[], least: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) >= least) high = middle;
    else low = middle + 1;
  }
  return ascending[low] ?? least;
}

/** @param done the results of objects: an object in two places, or used as a key elsewhere, stays one object */
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

/** The lines of a secret that are redacted individually: `{` of a JSON file would match half the log. */
export function secretLines(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  return lines.filter((line) => line.length >= SHORTEST_MASKED);
}

type Range = readonly [from: number, to: number];

function without(text: string, ranges: readonly Range[]): string {
  const parts: string[] = [];
  let covered = 0;
  for (const [start, end] of ranges.toSorted(([one], [other]) => one - other)) {
    // A part that touches the last one belongs to it.
    if (parts.length === 0 || start > covered) parts.push(text.slice(covered, start), REDACTED);
    covered = Math.max(covered, end);
  }
  return parts.join('') + text.slice(covered);
}
