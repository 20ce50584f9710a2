import { broken } from './tar-error.ts';
import { BLOCK, numberIn } from './tar-header.ts';
import { parseInt64 } from './tar-text.ts';

/** Bytes of a sparse file that stand in the archive. Between fragments, and behind the last, are zeros. */
export interface Fragment {
  readonly offset: number;
  readonly length: number;
}

/** Takes an entry's content, piece by piece; `last` comes exactly once. A piece is only valid during the call. */
export type ContentSink = (piece: Buffer, last: boolean) => void;

const ZEROS = Buffer.alloc(1 << 16);

/** As Go bounds a map. Bytes. */
const MOST = 1 << 20;

/** GNU's old form: four fragments in the header, and 21 in each block that follows it. */
export class BlockMap {
  readonly fragments: Fragment[] = [];
  /** Of the file with its holes. */
  readonly size: number;
  readonly #where: string;
  #isExtended: boolean;
  #read = 97;

  constructor(header: Buffer, where: string) {
    this.#where = where;
    this.size = numberIn(header, 483, 495) ?? this.#refuse();
    this.#isExtended = this.#take(header.subarray(386, 483));
  }

  /** Whether a further block of the map comes before the content. */
  get isExtended(): boolean {
    return this.#isExtended;
  }

  add(block: Buffer): void {
    this.#read += BLOCK;
    if (this.#read >= MOST) throw broken(this.#where, 'a sparse map beyond all sizes');
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
    throw broken(this.#where, 'a number in a sparse map is none');
  }
}

/** pax form 1.0: lines of decimal numbers in the first blocks of the content, their count first. */
export class LineMap {
  readonly #where: string;
  readonly #numbers: number[] = [];
  /** The beginning of a line that goes on in the next block, in pieces. */
  #line: string[] = [];
  #read = 0;

  constructor(where: string) {
    this.#where = where;
  }

  /** @returns the fragments once the map is complete; the rest of that block is not content */
  add(block: Buffer): readonly Fragment[] | undefined {
    this.#read += BLOCK;
    if (this.#read > MOST) throw broken(this.#where, 'a sparse map beyond all sizes');
    const [first = '', ...others] = block.toString('latin1').split('\n');
    this.#line.push(first);
    for (const next of others) {
      const line = this.#line.join('');
      this.#line = [next];
      if (this.#isComplete()) break;
      const number = parseInt64(line);
      const isCount = this.#numbers.length === 0;
      if (number === undefined || (isCount && number < 0))
        throw broken(this.#where, 'a number in a sparse map is none');
      this.#numbers.push(number);
    }
    return this.#isComplete() ? pairs(this.#numbers.slice(1)) : undefined;
  }

  #isComplete(): boolean {
    const [count] = this.#numbers;
    return count !== undefined && this.#numbers.length > 2 * count;
  }
}

/** @throws TidegateError `integrity` for what is no number. */
export function fragmentsOf(map: readonly string[], where: string): readonly Fragment[] {
  return pairs(
    map.map((text) => {
      const number = parseInt64(text);
      if (number === undefined) throw broken(where, 'a number in a sparse map is none');
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
 * A sink of what the archive stores, which hands the file on as it will be unpacked: zeros in its holes. Their number is
 * the hostile archive's choice: return no sink from `onEntry` for a file that is too large.
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
 * @param size of the file with its holes
 * @param stored bytes of content in the archive
 * @throws TidegateError `integrity` where fragments overlap, leave the file, or are not what the archive has.
 */
export function checkFragments(fragments: readonly Fragment[], size: number, stored: number, where: string): void {
  let [end, sum] = [0, 0];
  for (const { offset, length } of fragments) {
    if (offset < end || length < 0) throw broken(where, 'a sparse map whose fragments overlap');
    end = offset + length;
    sum += length;
  }
  // Where numbers are no longer exact, nothing can be said of the file.
  if (end > size || !Number.isSafeInteger(size)) throw broken(where, 'a sparse map that leaves its file');
  if (sum !== stored) throw broken(where, 'a sparse map that does not fit its content');
}
