import { MAX_BUNDLE_BYTES } from '@tidegate/attest';
import { type Descriptor, type Digest, TidegateError } from '@tidegate/core';
import type { Store } from '@tidegate/oci';

/**
 * In bytes. Maximum size of the signatures of one image: a dozen of the largest bundles, which take seconds to read.
 */
const MOST_BYTES = 1024 ** 3;
const SHORT = 1024 ** 2;
/**
 * Maximum time for one image. A deployment waits for it; thousands of small bundles are read and verified in that time.
 */
const MOST_MILLISECONDS = 10 * 60_000;

/**
 * Receives the bytes of each statement from a trusted signer. Otherwise only the small facts are kept, without the
 * bytes.
 */
export type Keep = (subject: Digest, predicateType: string, statement: Uint8Array) => void;

/**
 * Reads the signatures of one image. Large ones are read and verified one at a time, because anyone with push access
 * decides how many there are: eight of the largest at once would be gigabytes. Signatures beyond MOST_BYTES, or not
 * read within MOST_MILLISECONDS, are ignored.
 */
export class SignedContents {
  readonly #store: Store;
  readonly #signal: AbortSignal;
  #left = MOST_BYTES;
  #last: Promise<unknown> = Promise.resolve();
  readonly #ends: number;

  constructor(store: Store, signal: AbortSignal, milliseconds = MOST_MILLISECONDS) {
    this.#store = store;
    this.#signal = signal;
    this.#ends = performance.now() + milliseconds;
  }

  /** @throws TidegateError `evidence` when the time limit is exceeded */
  assertTime(): void {
    if (performance.now() < this.#ends) return;
    throw new TidegateError(
      'signatures-too-many',
      `It was not read: reading the signatures in ${this.#store.name} takes too long.`,
      {
        next: 'Remove unneeded signatures.',
      },
    );
  }

  async read<T>(content: Descriptor, verify: (bytes: Uint8Array) => T): Promise<T> {
    this.assertTime();
    if (content.size > MAX_BUNDLE_BYTES) {
      throw new TidegateError(
        'signatures-too-many',
        `${content.digest} has ${content.size} bytes, which is too large for a bundle.`,
      );
    }
    this.#left -= content.size;
    if (this.#left < 0) {
      // A smaller one of another platform may still fit later.
      this.#left += content.size;
      throw new TidegateError(
        'signatures-too-many',
        `${this.#store.name} contains more than ${MOST_BYTES} bytes of signatures.`,
        {
          next: 'Remove unneeded signatures.',
        },
      );
    }
    const options = { limit: MAX_BUNDLE_BYTES, signal: this.#signal };
    const read = async () => verify(await this.#store.fetchBytes(content, options));
    if (content.size <= SHORT) return read();
    const mine = this.#last.then(read);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
