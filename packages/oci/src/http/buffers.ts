/** A pool of reusable buffers: allocating new pages for every chunk of a blob costs more than reading it. */
export class Buffers {
  readonly #free: Buffer[] = [];
  readonly #size: number;

  /** @param size bytes per buffer */
  constructor(size = CHUNK) {
    this.#size = size;
  }

  /** A buffer with undefined content. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }

  give(buffer: Buffer): void {
    if (this.#free.length * this.#size < KEPT) this.#free.push(buffer);
  }
}

/** Large enough to make the cost of an event-loop turn negligible, small enough for two per upload. Bytes. */
const CHUNK = 256 * 1024;
/** Maximum memory that the pool keeps. Bytes. */
const KEPT = 16 * 1024 * 1024;
