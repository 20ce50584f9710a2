/** A text, or what a reader would decode it to, and where each character of it stands in the original. */
export interface View {
  readonly text: string;
  /** Offset in the original for each character, and of the end; undefined where the two are the same. */
  readonly starts: Uint32Array | undefined;
}

export function offsetIn({ starts }: View, at: number): number {
  return starts ? (starts[at] ?? 0) : at;
}

/** Writes a view character by character. */
export class ViewWriter {
  readonly #of: View;
  readonly #parts: string[] = [];
  readonly #starts: number[] = [];

  constructor(of: View) {
    this.#of = of;
  }

  /** @param from the offset, in the view it is made of, of what stands for `text` */
  add(text: string, from: number): void {
    this.#parts.push(text);
    const start = offsetIn(this.#of, from);
    for (let at = 0; at < text.length; at += 1) this.#starts.push(start);
  }

  /** A stretch that stands for itself. */
  copy(from: number, to: number): void {
    if (from >= to) return;
    this.#parts.push(this.#of.text.slice(from, to));
    for (let at = from; at < to; at += 1) this.#starts.push(offsetIn(this.#of, at));
  }

  end(): View {
    this.#starts.push(offsetIn(this.#of, this.#of.text.length));
    return { text: this.#parts.join(''), starts: Uint32Array.from(this.#starts) };
  }
}
