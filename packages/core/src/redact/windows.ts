/**
 * Pieces of long texts: a log with its own prefix before every line prints base64 and dumps of bytes line by line, so
 * no line contains the whole text.
 */
export class Windows {
  readonly #size: number;
  /** Each stretch of `size` characters of the texts, and its position. */
  readonly #pieces = new Map<string, Piece>();

  /** @param size in characters; a piece of twice the length is always found */
  constructor(size: number) {
    this.#size = size;
  }

  get isEmpty(): boolean {
    return this.#pieces.size === 0;
  }

  add(text: string): void {
    const last = Math.min(text.length, LONGEST) - this.#size;
    for (let at = 0; at <= last; at += 1) {
      const piece = text.slice(at, at + this.#size);
      if (!this.#pieces.has(piece)) this.#pieces.set(piece, { text, at });
    }
  }

  /** @returns stretches of `text`, between `from` and `to`, that are pieces of the added texts */
  find(text: string, from: number, to: number): [from: number, to: number][] {
    const found: [number, number][] = [];
    if (this.isEmpty) return found;
    let covered = from;
    for (let at = from; at + this.#size <= to; at += this.#size) {
      const piece = this.#pieces.get(text.slice(at, at + this.#size));
      if (!piece) continue;
      let begin = at;
      let end = at + this.#size;
      const distance = piece.at - at;
      while (begin > covered && begin + distance > 0 && text[begin - 1] === piece.text[begin - 1 + distance])
        begin -= 1;
      while (end < to && text[end] === piece.text[end + distance]) end += 1;
      found.push([begin, end]);
      covered = end;
      at = Math.max(at, end - this.#size);
    }
    return found;
  }
}

interface Piece {
  readonly text: string;
  readonly at: number;
}

/** Maximum characters of a text that are searched for in pieces: each needs about 100 bytes of memory. */
const LONGEST = 2 ** 16;
