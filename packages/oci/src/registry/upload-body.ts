import { closeSync, readSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { Descriptor } from '@tidegate/core';
import type { Buffers } from '../http/buffers.ts';
import type { HttpBody } from '../http/http.ts';
import { readBehind } from '../layout/disk.ts';
import type { Content } from '../store.ts';
import { Checker } from '../verified.ts';

/** A chunk that takes longer to read than this did not lie in memory. Milliseconds. */
const SLOW_READ = 2;

/** A blob's bytes on their way out, from any offset, hashed and counted as they go. */
export class UploadBody {
  readonly #descriptor: Descriptor;
  readonly #content: Content;
  readonly #checker: Checker;
  readonly #buffers: Buffers;
  readonly #onBytes: ((bytes: number) => void) | undefined;
  /** The furthest byte that ever went out: progress never counts one twice. */
  #furthest = 0;
  /** Every byte that went out, those that had to go twice too. */
  #written = 0;

  constructor(
    descriptor: Descriptor,
    content: Content,
    where: string,
    buffers: Buffers,
    onBytes: ((bytes: number) => void) | undefined,
  ) {
    this.#descriptor = descriptor;
    this.#content = content;
    this.#checker = new Checker(descriptor, where);
    this.#buffers = buffers;
    this.#onBytes = onBytes;
  }

  get written(): number {
    return this.#written;
  }

  /** @param end the byte before which it stops: the whole rest unless given */
  from(offset: number, end = this.#descriptor.size): HttpBody {
    return {
      length: end - offset,
      send: (out, stop) => {
        const { openFile } = this.#content;
        return openFile
          ? this.#sendFile(openFile, offset, end, out, stop)
          : this.#sendStream(this.#content.open(offset), offset, end, out, stop);
      },
    };
  }

  /**
   * Read, hashed and written chunk by chunk, in two pieces of memory in turn: one is filled while the other is on its way
   * to the kernel. Read here and not in another thread: a layer that was just built lies in memory, where the way to the
   * other thread and back costs more than the reading. Once a read has waited for the disk, the rest of the file is read
   * there: other uploads must not wait with it.
   */
  async #sendFile(openFile: () => number, offset: number, end: number, out: Writable, stop: AbortSignal) {
    const file = openFile();
    const memory = [this.#buffers.take(), this.#buffers.take()] as const;
    const written = [Promise.resolve(), Promise.resolve()];
    let through = false;
    let slow = false;
    try {
      // A chunk that goes back over what a failed try has read is still hashed from the start of the blob.
      let at = Math.min(offset, this.#checker.seen);
      for (let turn: 0 | 1 = 0; at < end && !stop.aborted; turn = turn === 0 ? 1 : 0) {
        await written[turn];
        if (stop.aborted) return;
        const room = memory[turn].subarray(0, Math.min(memory[turn].length, end - at));
        let filled: number;
        if (slow) filled = await readBehind(file, room, at);
        else {
          const began = performance.now();
          filled = readHere(file, room, at);
          slow = performance.now() - began > SLOW_READ;
        }
        // Given up while it was being read.
        if (stop.aborted) return;
        const chunk = room.subarray(0, filled);
        if (chunk.length === 0) break;
        this.#pass(chunk, at);
        const after = at + chunk.length;
        if (after > offset) {
          written[turn] = write(out, chunk.subarray(Math.max(0, offset - at)), stop);
          this.#written += after - Math.max(at, offset);
        }
        at = after;
      }
      await Promise.all(written);
      through = !stop.aborted;
      if (through && end === this.#descriptor.size) this.#checker.finish();
    } finally {
      closeSync(file);
      // Given up half-way, the connection may still be reading from it: then it is not used again.
      if (through) for (const buffer of memory) this.#buffers.give(buffer);
    }
  }

  async #sendStream(source: Readable, offset: number, end: number, out: Writable, stop: AbortSignal): Promise<void> {
    let at = offset;
    const cut = (): void => {
      source.destroy();
    };
    stop.addEventListener('abort', cut, { once: true });
    try {
      for await (const whole of source as AsyncIterable<Buffer>) {
        const chunk = at + whole.length > end && end < this.#descriptor.size ? whole.subarray(0, end - at) : whole;
        this.#pass(chunk, at);
        at += chunk.length;
        this.#written += chunk.length;
        await write(out, chunk, stop);
        if (stop.aborted || (at === end && end < this.#descriptor.size)) return;
      }
      this.#checker.finish();
    } catch (error) {
      // Nobody reads on, so that it broke off is no news.
      if (!stop.aborted) throw error;
    } finally {
      stop.removeEventListener('abort', cut);
      source.destroy();
    }
  }

  #pass(chunk: Buffer, at: number): void {
    this.#checker.feed(chunk, at);
    const end = at + chunk.length;
    // The last chunk is let go only when all was right: a registry must not even get the chance to take it.
    if (end === this.#descriptor.size) this.#checker.finish();
    if (end <= this.#furthest) return;
    this.#onBytes?.(end - this.#furthest);
    this.#furthest = end;
  }
}

/** @returns bytes read, fewer than there is room for only at the end of the file */
function readHere(file: number, room: Buffer, position: number): number {
  let filled = 0;
  while (filled < room.length) {
    const got = readSync(file, room, filled, room.length - filled, position + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

/** Until the kernel has it, or nobody wants it any more: a request that was given up never says that it is through. */
function write(out: Writable, chunk: Buffer, stop: AbortSignal): Promise<void> {
  if (stop.aborted || chunk.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stop.removeEventListener('abort', done);
      resolve();
    };
    stop.addEventListener('abort', done, { once: true });
    // Why it failed is the request's own error.
    out.write(chunk, done);
  });
}
