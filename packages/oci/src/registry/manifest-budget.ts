import { type Descriptor, type Digest, TidegateError } from '@tidegate/core';

/** Manifests and configurations of one image with all its evidence: a thousand times what a real one has. Bytes. */
const LIMIT = 64 * 1024 * 1024;

/**
 * How much of a graph of manifests is read for one question. Each manifest has a limit of its own, but an index of
 * 4096 indexes of 4096 manifests, each within it, would be read for days.
 */
export class ManifestBudget {
  readonly #where: string;
  readonly #seen = new Set<Digest>();
  #bytes = 0;

  constructor(where: string) {
    this.#where = where;
  }

  /**
   * @returns false when it was counted before
   * @throws TidegateError `integrity` when the descriptors together name more than anyone needs
   */
  spend(descriptor: Pick<Descriptor, 'digest' | 'size'>): boolean {
    if (this.#seen.has(descriptor.digest)) return false;
    this.#seen.add(descriptor.digest);
    this.#bytes += descriptor.size;
    if (this.#bytes <= LIMIT) return true;
    throw new TidegateError(
      'integrity',
      `${this.#where}: its manifests and configurations are more than ${LIMIT} bytes together.`,
      { next: 'No image is built so; see where it comes from.' },
    );
  }
}
