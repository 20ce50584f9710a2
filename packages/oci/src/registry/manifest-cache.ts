import type { Descriptor, Digest, Index, Manifest } from '@tidegate/core';

/** Bytes of manifests, before parsing, that are kept parsed. Whoever fills a layout with large ones gets slow, not big. */
const LIMIT = 8 * 1024 * 1024;

/** Manifests by digest, the latest asked for. They never change, so nothing here is ever stale. */
export class ManifestCache {
  readonly #kept = new Map<Digest, { readonly manifest: Manifest | Index; readonly size: number }>();
  #bytes = 0;

  /** Only when it was read as the media type that is asked for now: the same bytes can be a manifest and an index. */
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
      if (this.#bytes <= LIMIT) return;
      this.#remove(oldest);
    }
  }

  #remove(digest: Digest): void {
    this.#bytes -= this.#kept.get(digest)?.size ?? 0;
    this.#kept.delete(digest);
  }
}
