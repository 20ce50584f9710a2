import { createHash, type Hash } from 'node:crypto';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { type Descriptor, deferred, TidegateError } from '@tidegate/core';
import type { Content } from './store.ts';

/** Small things (manifests, configs, documents) are held in memory up to this many bytes. */
export const BYTES_LIMIT = 4 * 1024 * 1024;

/**
 * Counts and hashes content as it flows by. `feed` takes chunks at increasing offsets; a chunk that goes back over
 * bytes already seen (an upload that resumes) is hashed from where the hash stands.
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

  /** @throws TidegateError `integrity` as soon as more bytes come than were described. */
  feed(chunk: Uint8Array, offset = this.#seen): void {
    const end = offset + chunk.length;
    if (end > this.#descriptor.size) {
      throw this.#wrong(`it is longer than the ${this.#descriptor.size} bytes described`);
    }
    if (offset > this.#seen) throw this.#wrong(`bytes ${this.#seen} to ${offset} never came`);
    if (end <= this.#seen) return;
    this.#hash.update(offset === this.#seen ? chunk : chunk.subarray(this.#seen - offset));
    this.#seen = end;
  }

  /** @throws TidegateError `integrity` unless all described bytes came and hash to the digest. */
  finish(): void {
    if (this.#finished) return;
    if (this.#seen !== this.#descriptor.size) {
      throw this.#wrong(`${this.#seen} bytes came where ${this.#descriptor.size} were described`);
    }
    const actual = `sha256:${this.#hash.digest('hex')}`;
    if (actual !== this.#descriptor.digest) throw this.#wrong(`the bytes hash to ${actual}`);
    this.#finished = true;
  }

  #wrong(why: string): TidegateError {
    return new TidegateError(
      'integrity',
      `${this.#where}: ${this.#descriptor.digest} is not what it should be: ${why}.`,
      { next: 'Do not use this content. Fetch or build it again.' },
    );
  }
}

/** `source` passed through, failing with `integrity` at its end unless it was what `descriptor` says. */
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

/** All of a stream in memory, at most `limit` bytes. The stream is destroyed when it brings more. */
export async function readAll(source: Readable, limit: number, where: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) {
      throw new TidegateError('integrity', `${where}: longer than the ${limit} bytes that are read into memory.`, {
        next: 'Nothing of this kind should be so large; see where it comes from.',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** @throws TidegateError `integrity` when `descriptor` itself says it does not fit into memory's share. */
export function refuseLarge(descriptor: Descriptor, limit: number, where: string): void {
  if (descriptor.size <= limit) return;
  throw new TidegateError(
    'integrity',
    `${where}: ${descriptor.digest} is said to have ${descriptor.size} bytes, more than the ${limit} that are read into memory.`,
    { next: 'Nothing of this kind should be so large; see where it comes from.' },
  );
}

/** What `source` brings after its first `offset` bytes. */
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
      // The same memory: a copy of it would be made for each reader.
      return Readable.from([Buffer.from(buffer, byteOffset, byteLength)], { objectMode: false });
    },
  };
}

/** @throws TidegateError `cancelled` once the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw cancelled(what, signal.reason);
}

/** What others wait for too, so that no single one's signal may end it: who is cancelled waits no longer. */
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
