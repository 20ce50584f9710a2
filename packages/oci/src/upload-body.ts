import { Transform, type TransformCallback } from 'node:stream';
import type { Descriptor } from '@tidegate/core';
import type { HttpBody } from './http.ts';
import type { Content } from './store.ts';
import { Checker } from './verified.ts';

/** A blob's bytes on their way out, from any offset, hashed and counted as they go. */
export class UploadBody {
  readonly #descriptor: Descriptor;
  readonly #content: Content;
  readonly #checker: Checker;
  readonly #onBytes: ((bytes: number) => void) | undefined;
  /** The furthest byte that ever went out: progress never counts one twice. */
  #furthest = 0;

  constructor(descriptor: Descriptor, content: Content, where: string, onBytes: ((bytes: number) => void) | undefined) {
    this.#descriptor = descriptor;
    this.#content = content;
    this.#checker = new Checker(descriptor, where);
    this.#onBytes = onBytes;
  }

  from(offset: number): HttpBody {
    return {
      length: this.#descriptor.size - offset,
      open: () => {
        let at = offset;
        const source = this.#content.open(offset);
        const counted = new Transform({
          transform: (chunk: Buffer, _encoding, done: TransformCallback) => {
            try {
              this.#pass(chunk, at);
              at += chunk.length;
              done(null, chunk);
            } catch (error) {
              done(error as Error);
            }
          },
          flush: (done: TransformCallback) => {
            try {
              this.#checker.finish();
              done();
            } catch (error) {
              done(error as Error);
            }
          },
        });
        source.once('error', (error) => counted.destroy(error));
        counted.once('close', () => source.destroy());
        return source.pipe(counted);
      },
    };
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
