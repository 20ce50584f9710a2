import { closeSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Descriptor } from '@tidegate/core';
import type { Buffers } from '../http/buffers.ts';
import type { HttpBody } from '../http/request.ts';
import { readFully } from '../layout/disk.ts';
import type { Content } from '../store.ts';
import { Checker } from '../verified.ts';

/** A chunk that takes longer to read was not in the page cache. Milliseconds. */
const SLOW_READ = 2;
/** Largest high-water mark of undici's sockets: above it, a write is finished when the kernel has it. Bytes. */
const SOCKET_QUEUE = 64 * 1024;

/** A blob's bytes from any offset for one request after another, hashed and counted. */
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
      chunks: (stop) => {
        const { openFile } = this.#content;
        return openFile
          ? this.#fromFile(openFile, offset, end, stop)
          : this.#fromStream(this.#content.open(offset), offset, end, stop);
      },
    };
  }

  /**
   * Read and hash chunk by chunk into one buffer, while the kernel sends the chunk before from its own. Reads are
   * synchronous, because a layer that was just built is in the page cache, where a switch to another thread costs more
   * than the read. After the first slow read, the rest of the file is read asynchronously, so that other uploads do not
   * wait for the disk.
   */
  async *#fromFile(openFile: () => number, offset: number, end: number, stop: AbortSignal): AsyncGenerator<Buffer> {
    const file = openFile();
    const memory = this.#buffers.take();
    let through = false;
    let slow = false;
    try {
      // Start where hashing stopped, so that after a failed attempt every byte is still hashed in order.
      let at = Math.min(offset, this.#checker.seen);
      while (at < end && !stop.aborted) {
        const room = memory.subarray(0, Math.min(memory.length, end - at));
        let filled: number;
        if (slow) filled = await readFully(file, room, at);
        else {
          const began = performance.now();
          filled = readFullySync(file, room, at);
          slow = performance.now() - began > SLOW_READ;
        }
        // Aborted during the read.
        if (stop.aborted || filled === 0) break;
        const chunk = room.subarray(0, filled);
        this.#pass(chunk, at);
        const after = at + filled;
        if (after > offset) {
          this.#written += after - Math.max(at, offset);
          const rest = chunk.subarray(Math.max(0, offset - at));
          // A small chunk may still be in the socket's own queue when the next one is requested.
          yield rest.length > SOCKET_QUEUE ? rest : Buffer.from(rest);
        }
        at = after;
      }
      through = !stop.aborted;
      if (through && end === this.#descriptor.size) this.#checker.finish();
    } finally {
      closeSync(file);
      // After an abort, the connection may still read from the buffer: do not reuse it.
      if (through) this.#buffers.give(memory);
    }
  }

  async *#fromStream(source: Readable, offset: number, end: number, stop: AbortSignal): AsyncGenerator<Buffer> {
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
        if (chunk.length > 0) yield chunk;
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
