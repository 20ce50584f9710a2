import { type Descriptor, type Digest, TidegateError } from '@tidegate/core';

/**
 * Maximum total size of the manifests and configurations of one image with all its evidence: a thousand times that of a
 * real image. Bytes.
 */
const BYTE_LIMIT = 64 * 1024 * 1024;

/**
 * Limits how much of a graph of manifests is read in one operation. Each manifest has its own limit, but an index of
 * 4096 indexes of 4096 manifests, each below that limit, would take days to read.
 */
export class ManifestBudget {
  readonly #where: string;
  readonly #seen = new Set<Digest>();
  #bytes = 0;

  constructor(where: string) {
    this.#where = where;
  }

  /**
   * @returns false if it was counted before
   * @throws TidegateError `integrity` when the total size exceeds the limit
   */
  spend(descriptor: Pick<Descriptor, 'digest' | 'size'>): boolean {
    if (this.#seen.has(descriptor.digest)) return false;
    this.#seen.add(descriptor.digest);
    this.#bytes += descriptor.size;
    if (this.#bytes <= BYTE_LIMIT) return true;
    throw new TidegateError(
      'content-too-large',
      `${this.#where}: its manifests and configurations exceed ${BYTE_LIMIT} bytes in total.`,
      { next: 'Check where this image comes from: no real image is so large.' },
    );
  }
}
