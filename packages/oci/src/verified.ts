import { createHash, type Hash } from 'node:crypto';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { type Descriptor, deferred, TidegateError } from '@tidegate/core';
import type { Content } from './store.ts';

/** Maximum size of content read into memory (manifests, configs, documents). Bytes. */
export const BYTES_LIMIT = 4 * 1024 * 1024;

/**
 * Counts and hashes streamed content. `feed` takes chunks at increasing offsets. For a chunk that overlaps bytes
 * already seen (an upload that resumes), only the new bytes are hashed.
 */
export class Checker {
  readonly #descriptor: Pick<Descriptor, 'digest' | 'size'>;
  readonly #where: string;
  readonly #hash: Hash = createHash('sha256');
  #seen = 0;
  #finished = false;

  constructor(descriptor: Pick<Descriptor, 'digest' | 'size'>, where: string) {
    this.#descriptor = descriptor;
    this.#where = where;
  }

  /** Bytes hashed so far. */
  get seen(): number {
    return this.#seen;
  }

  /** @throws TidegateError `integrity` as soon as there are more bytes than the descriptor says. */
  feed(chunk: Uint8Array, offset = this.#seen): void {
    const end = offset + chunk.length;
    if (end > this.#descriptor.size) {
      throw this.#wrong(`it is longer than the ${this.#descriptor.size} bytes in the descriptor`);
    }
    if (offset > this.#seen) throw this.#wrong(`bytes ${this.#seen} to ${offset} are missing`);
    if (end <= this.#seen) return;
    this.#hash.update(offset === this.#seen ? chunk : chunk.subarray(this.#seen - offset));
    this.#seen = end;
  }

  /** @throws TidegateError `integrity` unless size and digest match the descriptor. */
  finish(): void {
    if (this.#finished) return;
    if (this.#seen !== this.#descriptor.size) {
      throw this.#wrong(`received ${this.#seen} bytes, expected ${this.#descriptor.size}`);
    }
    const actual = `sha256:${this.#hash.digest('hex')}`;
    if (actual !== this.#descriptor.digest) throw this.#wrong(`the bytes hash to ${actual}`);
    this.#finished = true;
  }

  #wrong(why: string): TidegateError {
    return new TidegateError(
      'content-damaged',
      `${this.#where}: ${this.#descriptor.digest} failed verification: ${why}.`,
      {
        next: 'Do not use this content. Fetch or build it again.',
      },
    );
  }
}

/** Passes `source` through, and fails with `integrity` at its end unless it matches `descriptor`. */
export function verified(source: Readable, descriptor: Pick<Descriptor, 'digest' | 'size'>, where: string): Readable {
  const checker = new Checker(descriptor, where);
  const out = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      try {
        checker.feed(chunk);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done: TransformCallback) {
      try {
        checker.finish();
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  source.once('error', (error) => out.destroy(error));
  out.once('close', () => source.destroy());
  return source.pipe(out);
}

/** Read a stream into memory. A stream of more than `limit` bytes is destroyed and rejected. */
export async function readAll(source: Readable, limit: number, where: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) {
      throw new TidegateError('content-too-large', `${where}: larger than the limit of ${limit} bytes.`, {
        next: 'Check where this content comes from: no valid content of this kind is so large.',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** @throws TidegateError `integrity` when the size in `descriptor` exceeds `limit`. */
export function refuseLarge(descriptor: Descriptor, limit: number, where: string): void {
  if (descriptor.size <= limit) return;
  throw new TidegateError(
    'content-too-large',
    `${where}: ${descriptor.digest} has ${descriptor.size} bytes according to its descriptor, more than the limit of ${limit}.`,
    { next: 'Check where this content comes from: no valid content of this kind is so large.' },
  );
}

/** `source` without its first `offset` bytes. */
export function skipping(source: Promise<Readable>, offset: number): Readable {
  return Readable.from(rest(source, offset), { objectMode: false });
}

async function* rest(source: Promise<Readable>, offset: number): AsyncGenerator<Buffer> {
  let left = offset;
  for await (const chunk of (await source) as AsyncIterable<Buffer>) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** Bytes in memory as content to push. */
export function contentOfBytes(bytes: Uint8Array): Content {
  return {
    open: (offset = 0) => {
      const { buffer, byteOffset, byteLength } = bytes.subarray(offset);
      // Share the memory, do not copy it for each reader.
      return Readable.from([Buffer.from(buffer, byteOffset, byteLength)], { objectMode: false });
    },
  };
}

/** @throws TidegateError `cancelled` once the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw cancelled(what, signal.reason);
}

/** Wait for shared work. Cancelling ends this wait only, not the work, because other callers may wait for it too. */
export async function unlessCancelled<T>(work: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
  if (!signal) return work;
  const { promise: stopped, reject } = deferred<never>();
  const stop = (): void => reject(cancelled(what, signal.reason));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export function cancelled(what: string, cause: unknown): TidegateError {
  return new TidegateError('cancelled', `Cancelled: ${what}.`, { cause });
}
