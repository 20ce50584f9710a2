import { addBytes } from './decoders.ts';
import { dumpLine, NEXT_OFFSET, OFFSET } from './dump-line.ts';
import { offsetIn, type View, ViewWriter } from './view.ts';

/** Bytes that a text writes as numbers, decoded as UTF-8. */
export interface BytesView {
  readonly view: View;
  /** Ends of the lines of a dump in the original, ascending: a match is removed up to the end of its line. */
  readonly lineEnds: readonly number[];
}

/**
 * Numbers with short separators: `[104, 117]` of JSON, Rust and Node; `[104 117]` of Go; `68:75` of OpenSSL; `68 75` of
 * Go's `% x`; `0x68, 0x75` of C. A list with one number per line is indented.
 */
const LIST = /(?<!\w)(?:0x)?[\da-f]{1,16}(?:[\s:,;-]{1,40}(?:0x)?[\da-f]{1,16}){2,}(?!\w)/gi;

/** Lists of bytes and dumps in a text, in each way in which their numbers can be read. */
export function bytesViews(view: View): readonly BytesView[] {
  const decimal = new ViewWriter(view);
  const hexadecimal = new ViewWriter(view);
  const dumps = new Dumps(view);
  let hasLists = false;
  LIST.lastIndex = 0;
  for (let match = LIST.exec(view.text); match; match = LIST.exec(view.text)) {
    const end = LIST.lastIndex;
    // The text after the bytes of a dump may contain lists as well.
    LIST.lastIndex = Math.max(end, dumps.read(match[0], match.index));
    if (!addList(match[0], match.index, decimal, hexadecimal)) continue;
    hasLists = true;
    for (const writer of [decimal, hexadecimal]) writer.add('\n', end);
  }
  const lists = hasLists ? [decimal, hexadecimal].map((writer) => ({ view: writer.end(), lineEnds: [] })) : [];
  return [...lists, ...dumps.views()];
}

const NUMBER = /(0x)?([\da-f]{1,16})/gi;
/** Minimum number of bytes: a shorter list contains no secret that is searched for. */
const SHORTEST = 6;
/** Replaces a number that is not a byte. */
const APART = 0x0a;

function addList(list: string, from: number, decimal: ViewWriter, hexadecimal: ViewWriter): boolean {
  const tens: number[] = [];
  const tensAt: number[] = [];
  const hex: number[] = [];
  const hexAt: number[] = [];
  for (const { 1: prefix, 2: digits = '', index } of list.matchAll(NUMBER)) {
    const byte = prefix || digits.length > 3 ? Number.NaN : Number(digits);
    tens.push(byte <= 0xff ? byte : APART);
    tensAt.push(from + index);
    for (const one of hexBytes(digits, prefix !== undefined)) {
      hex.push(one);
      hexAt.push(from + index);
    }
  }
  if (Math.max(tens.length, hex.length) < SHORTEST) return false;
  addBytes(decimal, tens, tensAt);
  addBytes(hexadecimal, hex, hexAt);
  return true;
}

function hexBytes(digits: string, hasPrefix: boolean): readonly number[] {
  if (digits.length <= 2) return [hasPrefix || digits.length === 2 ? Number.parseInt(digits, 16) : APART];
  return digits.length % 2 === 0 ? [...Buffer.from(digits, 'hex')] : [APART];
}

/** Maximum number of characters that a log adds before a line. */
const LONGEST_PREFIX = 40;

/** Consecutive lines of dumps, without their offsets and without the text after the bytes. */
class Dumps {
  readonly #of: View;
  readonly #big: ViewWriter;
  /** Words of two bytes with the lower byte first, as `od -x` and `hexdump` write them. */
  readonly #little: ViewWriter;
  readonly #lineEnds: number[] = [];
  #lastEnd = 0;

  constructor(view: View) {
    this.#of = view;
    this.#big = new ViewWriter(view);
    this.#little = new ViewWriter(view);
  }

  /** @returns the end of the last line that begins within the list at `from` */
  read(list: string, from: number): number {
    let end = from;
    OFFSET.lastIndex = 0;
    for (let match = OFFSET.exec(list); match; match = OFFSET.exec(list)) {
      end = this.#add(from + match.index, from + OFFSET.lastIndex);
      for (NEXT_OFFSET.lastIndex = end; NEXT_OFFSET.test(this.#of.text); NEXT_OFFSET.lastIndex = end) {
        end = this.#add(end, NEXT_OFFSET.lastIndex);
      }
      OFFSET.lastIndex = end - from;
    }
    return end;
  }

  #add(begin: number, bytesAt: number): number {
    const line = dumpLine(this.#of.text, bytesAt);
    const isNext = this.#lineEnds.length > 0 && begin - this.#lastEnd <= LONGEST_PREFIX;
    if (!isNext) for (const writer of [this.#big, this.#little]) writer.add('\n', begin);
    addBytes(this.#big, line.bytes, line.starts);
    if (line.isWords) addBytes(this.#little, swapped(line.bytes), line.starts);
    this.#lineEnds.push(offsetIn(this.#of, line.end));
    this.#lastEnd = line.end;
    return line.end;
  }

  views(): readonly BytesView[] {
    if (this.#lineEnds.length === 0) return [];
    return [this.#big, this.#little].map((writer) => ({ view: writer.end(), lineEnds: this.#lineEnds }));
  }
}

function swapped(bytes: readonly number[]): number[] {
  return bytes.map((byte, at) => bytes[at ^ 1] ?? byte);
}
