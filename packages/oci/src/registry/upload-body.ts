import { closeSync, readSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { Descriptor } from '@tidegate/core';
import type { Buffers } from '../http/buffers.ts';
import type { HttpBody } from '../http/http.ts';
import { readFully } from '../layout/disk.ts';
import type { Content } from '../store.ts';
import { Checker } from '../verified.ts';

/** A chunk that takes longer to read was not in the page cache. Milliseconds. */
const SLOW_READ = 2;

/** Sends a blob's bytes from any offset, hashing and counting them. */
export class UploadBody {
  readonly #descriptor: Descriptor;
  readonly #content: Content;
  readonly #checker: Checker;
  readonly #buffers: Buffers;
  readonly #onBytes: ((bytes: number) => void) | undefined;
  /** The highest offset sent so far: progress counts no byte twice. */
  #furthest = 0;
  /** All bytes sent, including repeated ones. */
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

  /** @param end exclusive end offset (default: the end of the blob) */
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
   * Read, hash and write chunk by chunk with two alternating buffers: one is filled while the other is written to the
   * kernel. Reads are synchronous, because a layer that was just built is in the page cache, where a switch to another
   * thread costs more than the read. After the first slow read, the rest of the file is read asynchronously, so that
   * other uploads do not wait for the disk.
   */
  async #sendFile(openFile: () => number, offset: number, end: number, out: Writable, stop: AbortSignal) {
    const file = openFile();
    const memory = [this.#buffers.take(), this.#buffers.take()] as const;
    const written = [Promise.resolve(), Promise.resolve()];
    let through = false;
    let slow = false;
    try {
      // Start where hashing stopped, so that after a failed attempt every byte is still hashed in order.
      let at = Math.min(offset, this.#checker.seen);
      for (let turn: 0 | 1 = 0; at < end && !stop.aborted; turn = turn === 0 ? 1 : 0) {
        await written[turn];
        if (stop.aborted) return;
        const room = memory[turn].subarray(0, Math.min(memory[turn].length, end - at));
        let filled: number;
        if (slow) filled = await readFully(file, room, at);
        else {
          const began = performance.now();
          filled = readFullySync(file, room, at);
          slow = performance.now() - began > SLOW_READ;
        }
        // Aborted during the read.
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
      // After an abort, the connection may still read from the buffers: do not reuse them.
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
      // After an abort, the source's error is expected.
      if (!stop.aborted) throw error;
    } finally {
      stop.removeEventListener('abort', cut);
      source.destroy();
    }
  }

  #pass(chunk: Buffer, at: number): void {
    this.#checker.feed(chunk, at);
    const end = at + chunk.length;
    // Verify the digest before the last chunk is sent, so that the registry can never accept wrong content.
    if (end === this.#descriptor.size) this.#checker.finish();
    if (end <= this.#furthest) return;
    this.#onBytes?.(end - this.#furthest);
    this.#furthest = end;
  }
}

/** @returns bytes read; fewer than requested only at the end of the file */
function readFullySync(file: number, room: Buffer, position: number): number {
  let filled = 0;
  while (filled < room.length) {
    const got = readSync(file, room, filled, room.length - filled, position + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

/** Resolves when the kernel has it, or on abort: an aborted request never calls back. */
function write(out: Writable, chunk: Buffer, stop: AbortSignal): Promise<void> {
  if (stop.aborted || chunk.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stop.removeEventListener('abort', done);
      resolve();
    };
    stop.addEventListener('abort', done, { once: true });
    // The request itself reports an error.
    out.write(chunk, done);
  });
}
