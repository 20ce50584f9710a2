import type { Descriptor } from '@tidegate/core';
import type { Buffers } from '../http/buffers.ts';
import type { Content, PushOptions } from '../store.ts';
import { Checker, throwIfCancelled } from '../verified.ts';

/**
 * Received data is collected in buffers of this size before it is written, because each write costs a turn of the event
 * loop. Bytes.
 */
export const WRITE_SIZE = 512 * 1024;
/** Maximum number of buffers being written before reading pauses. One more is filled meanwhile. */
const WRITING = 2;

interface Sink {
  /**
   * Writes the whole chunk at `position`. The caller may reuse the memory when the promise resolves, or at once if
   * there is none.
   */
  write(chunk: Uint8Array, position: number): Promise<void> | undefined;
}

/**
 * Write a whole blob to `file` and verify it against its descriptor. Bytes are hashed as they arrive and collected in
 * buffers: one is filled while others are written.
 * @param buffers of `WRITE_SIZE`
 * @throws TidegateError `integrity`, `cancelled`, `layout` where the disk fails; errors of the content or the file
 */
export async function receive(
  descriptor: Descriptor,
  content: Content,
  file: Sink,
  where: string,
  buffers: Buffers,
  options: PushOptions,
): Promise<void> {
  const checker = new Checker(descriptor, where);
  const pieces = new Pieces(file, buffers);
  try {
    for await (const chunk of content.open(0, options.onResume) as AsyncIterable<Buffer>) {
      throwIfCancelled(options.signal, `writing ${descriptor.digest}`);
      checker.feed(chunk);
      options.onBytes?.(chunk.length);
      await pieces.gather(chunk);
    }
    checker.finish();
    await pieces.finish();
  } finally {
    // The file is closed after this: no write may still be pending.
    await pieces.settled();
  }
}

/** Received data that is not in the file yet. */
class Pieces {
  readonly #file: Sink;
  readonly #buffers: Buffers;
  readonly #writing = new Set<Promise<void>>();
  #filling: Buffer;
  #filled = 0;
  /** Position in the file of the buffer being filled. */
  #position = 0;

  constructor(file: Sink, buffers: Buffers) {
    this.#file = file;
    this.#buffers = buffers;
    this.#filling = buffers.take();
  }

  /** @returns a promise to await if enough writes are pending */
  gather(chunk: Uint8Array): Promise<void> | undefined {
    let full = false;
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + this.#filling.length - this.#filled);
      this.#filling.set(part, this.#filled);
      at += part.length;
      if (this.#add(part.length)) full = true;
    }
    return full ? this.#enough() : undefined;
  }

  async finish(): Promise<void> {
    if (this.#filled === 0 || !this.#write()) this.#buffers.give(this.#filling);
    await Promise.all(this.#writing);
  }

  /** Wait until no write is pending, whether it succeeded or failed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing);
  }

  /** @returns whether this filled a buffer whose write has started */
  #add(bytes: number): boolean {
    this.#filled += bytes;
    if (this.#filled < this.#filling.length) return false;
    if (!this.#write()) return false;
    this.#filling = this.#buffers.take();
    return true;
  }

  #enough(): Promise<void> | undefined {
    return this.#writing.size < WRITING ? undefined : Promise.race(this.#writing);
  }

  /** @returns whether a write is pending that still uses the buffer */
  #write(): boolean {
    const full = this.#filling;
    const writing = this.#file.write(full.subarray(0, this.#filled), this.#position);
    this.#position += this.#filled;
    this.#filled = 0;
    if (!writing) return false;
    const write = writing.then(() => {
      // A failed write stays in the set, and the next wait throws its error.
      this.#writing.delete(write);
      this.#buffers.give(full);
    });
    // Until then, do not report it as an unhandled rejection.
    write.catch(() => undefined);
    this.#writing.add(write);
    return true;
  }
}
