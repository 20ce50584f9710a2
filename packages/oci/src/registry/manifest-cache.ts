import type { Descriptor, Digest, Index, Manifest } from '@tidegate/core';

/**
 * Maximum size of cached manifests, measured before parsing. A layout full of large manifests costs time, not memory.
 * Bytes.
 */
const BYTE_LIMIT = 8 * 1024 * 1024;

/** LRU cache of parsed manifests by digest. Content behind a digest never changes, so entries are never stale. */
export class ManifestCache {
  readonly #kept = new Map<Digest, { readonly manifest: Manifest | Index; readonly size: number }>();
  #bytes = 0;

  /** Returns an entry only for the media type it was parsed as: the same bytes can be a manifest and an index. */
  get({ digest, mediaType, size }: Descriptor): Manifest | Index | undefined {
    const found = this.#kept.get(digest);
    if (found?.manifest.mediaType !== mediaType || found.size !== size) return undefined;
    this.#kept.delete(digest);
    this.#kept.set(digest, found);
    return found.manifest;
  }

  add({ digest, size }: Pick<Descriptor, 'digest' | 'size'>, manifest: Manifest | Index): void {
    this.#remove(digest);
    this.#kept.set(digest, { manifest, size });
    this.#bytes += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= BYTE_LIMIT) return;
      this.#remove(oldest);
    }
  }

  #remove(digest: Digest): void {
    this.#bytes -= this.#kept.get(digest)?.size ?? 0;
    this.#kept.delete(digest);
  }
}
