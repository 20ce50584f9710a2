import { BLOCK } from './tar-block.ts';
import { broken } from './tar-error.ts';
import { numberIn } from './tar-header.ts';
import { parseInt64 } from './tar-text.ts';

/** A data range of a sparse file. Between fragments and after the last are zeros. */
export interface Fragment {
  readonly offset: number;
  readonly length: number;
}

/** Receives an entry's content in pieces; `last` is true exactly once. A piece is only valid during the call. */
export type ContentSink = (piece: Buffer, last: boolean) => void;

const ZEROS = Buffer.alloc(1 << 16);

/** Maximum size of a map, as in Go. Bytes. */
const MOST = 1 << 20;

/** GNU's old format: four fragments in the header, and 21 in each following block. */
export class BlockMap {
  readonly fragments: Fragment[] = [];
  /** Size of the file with its holes. */
  readonly size: number;
  readonly #where: string;
  #isExtended: boolean;
  #read = 97;

  constructor(header: Buffer, where: string) {
    this.#where = where;
    this.size = numberIn(header, 483, 495) ?? this.#refuse();
    this.#isExtended = this.#take(header.subarray(386, 483));
  }

  /** Whether another block of the map follows before the content. */
  get isExtended(): boolean {
    return this.#isExtended;
  }

  add(block: Buffer): void {
    this.#read += BLOCK;
    if (this.#read >= MOST) throw broken(this.#where, 'a sparse map is too large');
    this.#isExtended = this.#take(block);
  }

  /** @param bytes entries of 24 bytes, then whether another block follows */
  #take(bytes: Buffer): boolean {
    const entries = Math.floor(bytes.length / 24);
    for (let at = 0; at < entries * 24 && bytes[at] !== 0; at += 24) {
      const offset = numberIn(bytes, at, at + 12) ?? this.#refuse();
      const length = numberIn(bytes, at + 12, at + 24) ?? this.#refuse();
      this.fragments.push({ offset, length });
    }
    return (bytes[entries * 24] ?? 0) !== 0;
  }

  #refuse(): never {
    throw broken(this.#where, 'a number in a sparse map is invalid');
  }
}

/** pax format 1.0: lines of decimal numbers in the first blocks of the content, starting with their count. */
export class LineMap {
  readonly #where: string;
  readonly #numbers: number[] = [];
  /** The beginning of a line that continues in the next block, in pieces. */
  #line: string[] = [];
  #read = 0;

  constructor(where: string) {
    this.#where = where;
  }

  /** @returns the fragments once the map is complete; the rest of that block is not content */
  add(block: Buffer): readonly Fragment[] | undefined {
    this.#read += BLOCK;
    if (this.#read > MOST) throw broken(this.#where, 'a sparse map is too large');
    const [first = '', ...others] = block.toString('latin1').split('\n');
    this.#line.push(first);
    for (const next of others) {
      const line = this.#line.join('');
      this.#line = [next];
      if (this.#isComplete()) break;
      const number = parseInt64(line);
      const isCount = this.#numbers.length === 0;
      if (number === undefined || (isCount && number < 0))
        throw broken(this.#where, 'a number in a sparse map is invalid');
      this.#numbers.push(number);
    }
    return this.#isComplete() ? pairs(this.#numbers.slice(1)) : undefined;
  }

  #isComplete(): boolean {
    const [count] = this.#numbers;
    return count !== undefined && this.#numbers.length > 2 * count;
  }
}

/** @throws TidegateError `integrity` for an invalid number. */
export function fragmentsOf(map: readonly string[], where: string): readonly Fragment[] {
  return pairs(
    map.map((text) => {
      const number = parseInt64(text);
      if (number === undefined) throw broken(where, 'a number in a sparse map is invalid');
      return number;
    }),
  );
}

function pairs(numbers: readonly number[]): readonly Fragment[] {
  return Array.from({ length: numbers.length / 2 }, (_, at) => ({
    offset: numbers[2 * at] ?? 0,
    length: numbers[2 * at + 1] ?? 0,
  }));
}

/**
 * Wraps a sink so that it receives the file as it will be unpacked, with zeros in its holes. A malicious archive
 * chooses their number: return no sink from `onEntry` for a file that is too large.
 */
export function withHoles(fragments: readonly Fragment[], size: number, sink: ContentSink): ContentSink {
  let [position, at] = [0, 0];
  const fill = (end: number, isLast: boolean) => {
    while (position < end) {
      const zeros = ZEROS.subarray(0, Math.min(ZEROS.length, end - position));
      position += zeros.length;
      sink(zeros, isLast && position === end);
    }
  };
  return (piece, isLast) => {
    for (let from = 0; from < piece.length; ) {
      const { offset, length } = fragments[at] ?? { offset: position, length: piece.length };
      if (offset + length <= position || length === 0) {
        at += 1;
        continue;
      }
      fill(offset, false);
      const end = Math.min(piece.length, from + offset + length - position);
      position += end - from;
      sink(piece.subarray(from, end), isLast && position === size);
      from = end;
    }
    if (isLast && position < size) fill(size, true);
    else if (isLast && size === 0) sink(piece, true);
  };
}

/**
 * @param size size of the file with its holes
 * @param stored bytes of content in the archive
 * @throws TidegateError `integrity` if fragments overlap, exceed the file, or do not match the stored content.
 */
export function checkFragments(fragments: readonly Fragment[], size: number, stored: number, where: string): void {
  let [end, sum] = [0, 0];
  for (const { offset, length } of fragments) {
    if (offset < end || length < 0) throw broken(where, 'the fragments of a sparse map overlap');
    end = offset + length;
    sum += length;
  }
  // Above the safe integers, the check would not be exact.
  if (end > size || !Number.isSafeInteger(size)) throw broken(where, 'a sparse map exceeds its file');
  if (sum !== stored) throw broken(where, 'a sparse map does not match its content');
}
