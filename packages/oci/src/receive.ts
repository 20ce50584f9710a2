import type { Descriptor } from '@tidegate/core';
import type { Buffers } from './buffers.ts';
import { readBehind } from './disk.ts';
import { EarlySync } from './early-sync.ts';
import { unwritable } from './layout-files.ts';
import type { Content, Landing, PushOptions } from './store.ts';
import { Checker, checkHash, throwIfCancelled } from './verified.ts';

/** What comes is gathered in pieces of this size, and written in one go: each costs a turn of the event loop. Bytes. */
export const WRITE_SIZE = 512 * 1024;
/** Pieces on their way into the file until no more is taken in. One more is being filled meanwhile. */
const WRITING = 2;

interface Sink {
  /** Its number, for `Content.carry` and to read what that has left. */
  readonly number: number;
  /** Writes all of it at that place. The memory is the caller's again once the promise is kept; at once without one. */
  write(chunk: Uint8Array, position: number): Promise<void> | undefined;
}

/**
 * All of a blob into `file`, held against its descriptor: carried by other threads where the content can be, and what
 * those leave as it comes.
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
  // Progress goes on from the furthest byte that ever came, though it may have come to nothing.
  let furthest = 0;
  const early = new EarlySync(file.number);
  const reach = (bytes: number): void => {
    if (bytes <= furthest) return;
    options.onBytes?.(bytes - furthest);
    furthest = bytes;
    early.reached(bytes);
  };
  const call = options.signal ? { signal: options.signal } : {};
  try {
    const carried = await content.carry?.(file.number, { ...call, onBytes: (bytes) => reach(furthest + bytes) });
    const from = carried?.bytes ?? 0;
    reach(from);
    if (carried?.hash !== undefined) checkHash(carried.hash, descriptor, where);
    else await receiveRest(descriptor, content, file, where, buffers, { ...options, reach, from });
  } finally {
    await early.settled()?.catch(unwritable(where));
  }
}

interface RestOptions extends PushOptions {
  /** So many bytes are in the file already, unverified. */
  readonly from: number;
  /** Told how many bytes have come of all. */
  readonly reach: (bytes: number) => void;
}

/** Bytes are hashed as they come, and gathered in pieces of memory: one fills while others are being written. */
async function receiveRest(
  descriptor: Descriptor,
  content: Content,
  file: Sink,
  where: string,
  buffers: Buffers,
  options: RestOptions,
): Promise<void> {
  const { from, reach } = options;
  const checker = new Checker(descriptor, where);
  const pieces = new Pieces(file, buffers, from);
  const check = (chunk: Uint8Array): void => {
    throwIfCancelled(options.signal, `writing ${descriptor.digest}`);
    checker.feed(chunk);
    reach(checker.seen);
  };
  const landing: Landing = {
    take(chunk) {
      check(chunk);
      return pieces.gather(chunk);
    },
    room: () => pieces.room,
    filled(bytes) {
      check(pieces.room.subarray(0, bytes));
      return pieces.grow(bytes);
    },
  };
  try {
    // Cancelled while it was carried: gigabytes may be there to be read again, for nothing.
    throwIfCancelled(options.signal, `writing ${descriptor.digest}`);
    if (from > 0) await readAgain(file.number, from, pieces.room, where, check);
    if (content.deliver) await content.deliver(landing, options.onResume, from);
    else for await (const chunk of content.open(from) as AsyncIterable<Buffer>) await landing.take(chunk);
    checker.finish();
    await pieces.finish();
  } finally {
    // The file is closed after this: nothing may still be on its way into it.
    await pieces.settled();
  }
}

/** The first `length` bytes of a file, through `memory`. */
async function readAgain(
  file: number,
  length: number,
  memory: Buffer,
  where: string,
  take: (chunk: Buffer) => void,
): Promise<void> {
  for (let at = 0; at < length; ) {
    const room = memory.subarray(0, Math.min(memory.length, length - at));
    const bytes = await readBehind(file, room, at).catch(unwritable(where));
    // What is gone again shows in the hash.
    if (bytes === 0) return;
    take(room.subarray(0, bytes));
    at += bytes;
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
  #position: number;

  constructor(file: Sink, buffers: Buffers, position: number) {
    this.#file = file;
    this.#buffers = buffers;
    this.#position = position;
    this.#filling = buffers.take();
  }

  /** Never empty. */
  get room(): Buffer {
    return this.#filling.subarray(this.#filled);
  }

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

  /** @returns a promise where enough is on its way */
  grow(bytes: number): Promise<void> | undefined {
    return this.#add(bytes) ? this.#enough() : undefined;
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
