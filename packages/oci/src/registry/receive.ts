import type { Descriptor } from '@tidegate/core';
import type { Buffers } from '../http/buffers.ts';
import type { Content, PushOptions } from '../store.ts';
import { Checker, throwIfCancelled } from '../verified.ts';

/** What comes is gathered in pieces of this size, and written in one go: each costs a turn of the event loop. Bytes. */
export const WRITE_SIZE = 512 * 1024;
/** Pieces on their way into the file until no more is taken in. One more is being filled meanwhile. */
const WRITING = 2;

interface Sink {
  /** Writes all of it at that place. The memory is the caller's again once the promise is kept; at once without one. */
  write(chunk: Uint8Array, position: number): Promise<void> | undefined;
}

/**
 * All of a blob into `file`, checked against its descriptor. Bytes are hashed as they come, and gathered in pieces of
 * memory: one fills while others are being written.
 * @param buffers of `WRITE_SIZE`
 * @throws TidegateError `integrity`, `cancelled`, `layout` where the disk fails; what the content or the file throw
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
    // The file is closed after this: nothing may still be on its way into it.
    await pieces.settled();
  }
}

/** What came in and is not in the file yet. */
class Pieces {
  readonly #file: Sink;
  readonly #buffers: Buffers;
  readonly #writing = new Set<Promise<void>>();
  #filling: Buffer;
  #filled = 0;
  /** Where in the file the piece that is being filled belongs. */
  #position = 0;

  constructor(file: Sink, buffers: Buffers) {
    this.#file = file;
    this.#buffers = buffers;
    this.#filling = buffers.take();
  }

  /** @returns a promise where enough is on its way */
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

  /** Until nothing is under way, well or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing);
  }

  /** @returns whether that filled a piece which is on its way now */
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

  /** @returns whether the piece is on its way, and its memory with it */
  #write(): boolean {
    const full = this.#filling;
    const writing = this.#file.write(full.subarray(0, this.#filled), this.#position);
    this.#position += this.#filled;
    this.#filled = 0;
    if (!writing) return false;
    const write = writing.then(() => {
      // One that failed stays, and is met by whoever waits next.
      this.#writing.delete(write);
      this.#buffers.give(full);
    });
    // Until then it must not count as unheard.
    write.catch(() => undefined);
    this.#writing.add(write);
    return true;
  }
}
