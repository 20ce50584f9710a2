/** Memory that is used again: fresh pages for every chunk of a blob cost more than reading it does. */
export class Buffers {
  readonly #free: Buffer[] = [];

  /** Of `CHUNK` bytes, holding whatever was in it before. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK);
  }

  give(buffer: Buffer): void {
    if (this.#free.length < KEPT) this.#free.push(buffer);
  }
}

/** Large enough that a turn of the event loop is cheap beside it, small enough for two of them per upload. Bytes. */
export const CHUNK = 256 * 1024;
const KEPT = 64;
