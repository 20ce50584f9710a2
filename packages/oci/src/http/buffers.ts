/** Memory that is used again: fresh pages for every chunk of a blob cost more than reading it does. */
export class Buffers {
  readonly #free: Buffer[] = [];
  readonly #size: number;

  /** @param size bytes of each */
  constructor(size = CHUNK) {
    this.#size = size;
  }

  /** Holding whatever was in it before. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }

  give(buffer: Buffer): void {
    if (this.#free.length * this.#size < KEPT) this.#free.push(buffer);
  }
}

/** Large enough that a turn of the event loop is cheap beside it, small enough for two of them per upload. Bytes. */
const CHUNK = 256 * 1024;
/** Bytes that are kept for later. */
const KEPT = 16 * 1024 * 1024;
