/** Finds many texts in one pass (Wu and Manber), however many secrets a job has. */

/** Called for each match, with its position and the text that was found. */
export type Found = (at: number, needle: string) => void;

/** Texts are distinguished by blocks of three characters, hashed to this many kinds. */
const BLOCK = 3;
const KINDS = 2 ** 15;

export class Needles {
  readonly #all = new Set<string>();
  #table: Table | undefined;

  get size(): number {
    return this.#all.size;
  }

  /** @param needle at least three characters */
  add(needle: string): void {
    if (needle.length < BLOCK || this.#all.has(needle)) return;
    this.#all.add(needle);
    this.#table = undefined;
  }

  /** Every match, including overlapping ones. */
  find(text: string, found: Found): void {
    if (this.#all.size === 0) return;
    this.#table ??= tableOf(this.#all);
    const { shortest, shifts, ending } = this.#table;
    for (let last = shortest - 1; last < text.length; ) {
      const kind = kindAt(text, last);
      const shift = shifts[kind] ?? 0;
      if (shift > 0) {
        last += shift;
        continue;
      }
      const begin = last - shortest + 1;
      for (const needle of ending.get(kind) ?? []) if (text.startsWith(needle, begin)) found(begin, needle);
      last += 1;
    }
  }
}

interface Table {
  readonly shortest: number;
  /** How far to skip in the text after a block of this kind. */
  readonly shifts: Uint8Array;
  /** Needles by the block that ends at the length of the shortest needle. */
  readonly ending: ReadonlyMap<number, readonly string[]>;
}

function tableOf(needles: ReadonlySet<string>): Table {
  let shortest = 64;
  for (const needle of needles) shortest = Math.min(shortest, needle.length);
  const shifts = new Uint8Array(KINDS).fill(shortest - BLOCK + 1);
  const ending = new Map<number, string[]>();
  for (const needle of needles) {
    for (let last = BLOCK - 1; last < shortest; last += 1) {
      const kind = kindAt(needle, last);
      shifts[kind] = Math.min(shifts[kind] ?? 0, shortest - 1 - last);
      if (last < shortest - 1) continue;
      const same = ending.get(kind);
      if (same) same.push(needle);
      else ending.set(kind, [needle]);
    }
  }
  return { shortest, shifts, ending };
}

/** The kind of the block that ends at `last`. */
function kindAt(text: string, last: number): number {
  return ((text.charCodeAt(last - 2) << 10) ^ (text.charCodeAt(last - 1) << 5) ^ text.charCodeAt(last)) & (KINDS - 1);
}
