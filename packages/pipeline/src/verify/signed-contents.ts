import { MAX_BUNDLE_BYTES, type VerifiedSigner } from '@tidegate/attest';
import { type Descriptor, type Digest, TidegateError } from '@tidegate/core';
import type { Store } from '@tidegate/oci';

/**
 * In bytes. Maximum size of the signatures of one image: a dozen of the largest bundles, which take seconds to read.
 */
const MOST_BYTES = 1024 ** 3;
/**
 * Maximum number of signatures of one manifest that are read. Anyone with push access can add some, and the list alone
 * could be megabytes.
 */
export const MOST_SIGNATURES = 5000;
/** Parts of the limits from which users are warned: a year of nightly evidence fits between this and the limit. */
const [MANY_SIGNATURES, MANY_BYTES] = [MOST_SIGNATURES / 10, MOST_BYTES / 4];
const SHORT = 1024 ** 2;
/**
 * Maximum time for one image. A deployment waits for it; thousands of small bundles are read and verified in that time.
 */
const MOST_MILLISECONDS = 10 * 60_000;

/**
 * Receives the bytes of each statement from a trusted signer. Otherwise only the small facts are kept, without the
 * bytes.
 */
export type Keep = (subject: Digest, predicateType: string, statement: Uint8Array, signer: VerifiedSigner) => void;

/** Work that is done one at a time, because each piece may take much memory. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}

/**
 * Reads the signatures of one image. Large ones are read and verified one at a time, because anyone with push access
 * decides how many there are: eight of the largest at once would be gigabytes. Signatures beyond MOST_BYTES, or not
 * read within MOST_MILLISECONDS, are not read, and an image that has some does not pass.
 */
export class SignedContents {
  readonly #store: Store;
  readonly #signal: AbortSignal;
  #left = MOST_BYTES;
  #mostListed = 0;
  readonly #lane: Lane;
  readonly #ends: number;

  constructor(
    store: Store,
    signal: AbortSignal,
    { milliseconds = MOST_MILLISECONDS, lane = new Lane() }: { milliseconds?: number; lane?: Lane | undefined } = {},
  ) {
    this.#store = store;
    this.#lane = lane;
    this.#signal = signal;
    this.#ends = performance.now() + milliseconds;
  }

  noteListed(signatures: number): void {
    this.#mostListed = Math.max(this.#mostListed, signatures);
  }

  /** A sentence for users if an image has so much evidence that verification will reject it one day. */
  get warning(): string | undefined {
    const bytes = MOST_BYTES - this.#left;
    const isMany = this.#mostListed >= MANY_SIGNATURES;
    if (!isMany && bytes < MANY_BYTES) return undefined;
    const [found, limit] = isMany
      ? [`${this.#mostListed} signatures on one manifest`, `${MOST_SIGNATURES}`]
      : [`${bytes} bytes of signatures`, `${MOST_BYTES}`];
    return `${this.#store.name} has ${found}; at most ${limit} are read. Remove old ones, and set keep-scans on the steps that add them.`;
  }

  /** @throws TidegateError `evidence` when the time limit is exceeded */
  assertTime(): void {
    if (performance.now() >= this.#ends) throw this.#tooLong();
  }

  #tooLong(): TidegateError {
    return new TidegateError(
      'signatures-too-many',
      `It was not read: reading the signatures in ${this.#store.name} takes too long.`,
      { next: 'Remove unneeded signatures.' },
    );
  }

  async read<T>(content: Descriptor, verify: (bytes: Uint8Array) => T): Promise<T> {
    this.assertTime();
    if (content.size > MAX_BUNDLE_BYTES) {
      throw new TidegateError(
        'evidence-invalid',
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
    const read = async () => verify(await this.#fetched(content));
    return content.size <= SHORT ? read() : this.#lane.run(read);
  }

  /** Ends with the time limit: a body that trickles would hold the lane, and with it every other image. */
  async #fetched(content: Descriptor): Promise<Uint8Array> {
    this.assertTime();
    const late = AbortSignal.timeout(Math.max(1, Math.ceil(this.#ends - performance.now())));
    try {
      const signal = AbortSignal.any([this.#signal, late]);
      return await this.#store.fetchBytes(content, { limit: MAX_BUNDLE_BYTES, signal });
    } catch (error) {
      if (late.aborted && !this.#signal.aborted) throw this.#tooLong();
      throw error;
    }
  }
}
