/**
 * A text, or its decoded form, with the position of each character in the original. Most characters are as far from the
 * previous one as in the original, so only the places where this ends are stored.
 */
export interface View {
  readonly text: string;
  /**
   * Starts of stretches in `text`, ascending, and their starts in the original; undefined if both are the same text.
   */
  readonly stretches: Stretches | undefined;
}

interface Stretches {
  readonly at: Uint32Array;
  readonly from: Uint32Array;
}

export const viewOf = (text: string): View => ({ text, stretches: undefined });

export function offsetIn({ stretches }: View, at: number): number {
  if (!stretches) return at;
  const { at: begins, from } = stretches;
  let low = 0;
  let high = begins.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((begins[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  return (from[low] ?? 0) + at - (begins[low] ?? 0);
}

/** Writes a view, from front to back, from another view. */
export class ViewWriter {
  readonly #of: View;
  #text = '';
  #at = new Uint32Array(16);
  #from = new Uint32Array(16);
  #count = 0;
  /** Distance between the last stretch and its position in the original. */
  #distance = Number.NaN;
  /** The stretch of `#of` that was written last. */
  #cursor = 0;

  constructor(of: View) {
    this.#of = of;
  }

  /** @param from offset, in the source view, of the characters that `text` replaces */
  add(text: string, from: number): void {
    const origin = this.#originOf(from);
    for (let at = 0; at < text.length; at += 1) this.#begin(this.#text.length + at, origin);
    this.#text += text;
  }

  /** Copies a stretch unchanged. */
  copy(from: number, to: number): void {
    if (from >= to) return;
    const { text, stretches } = this.#of;
    this.#begin(this.#text.length, this.#originOf(from));
    for (let next = this.#cursor + 1; stretches && (stretches.at[next] ?? to) < to; next += 1) {
      this.#begin(this.#text.length + (stretches.at[next] ?? 0) - from, stretches.from[next] ?? 0);
      this.#cursor = next;
    }
    this.#text += text.slice(from, to);
  }

  end(): View {
    this.#begin(this.#text.length, this.#originOf(this.#of.text.length));
    const stretches = { at: this.#at.slice(0, this.#count), from: this.#from.slice(0, this.#count) };
    return { text: this.#text, stretches };
  }

  #originOf(from: number): number {
    const { stretches } = this.#of;
    if (!stretches) return from;
    const { at: begins } = stretches;
    while (this.#cursor + 1 < begins.length && (begins[this.#cursor + 1] ?? 0) <= from) this.#cursor += 1;
    return (stretches.from[this.#cursor] ?? 0) + from - (begins[this.#cursor] ?? 0);
  }

  #begin(at: number, from: number): void {
    if (from - at === this.#distance) return;
    this.#distance = from - at;
    if (this.#count === this.#at.length) {
      this.#at = grown(this.#at, new Uint32Array(this.#count * 2));
      this.#from = grown(this.#from, new Uint32Array(this.#count * 2));
    }
    this.#at[this.#count] = at;
    this.#from[this.#count] = from;
    this.#count += 1;
  }
}

function grown<T extends Uint16Array | Uint32Array>(old: T, into: T): T {
  into.set(old);
  return into;
}
