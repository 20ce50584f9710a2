import { createHash } from 'node:crypto';

/** An accepted manifest: later responses contain exactly its bytes. */
export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly subject: string | undefined;
  /** Its entry in a list of referrers. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** One repository: the blobs that it may serve, its manifests and tags. */
export class Repository {
  readonly blobs = new Set<string>();
  readonly manifests = new Map<string, StoredManifest>();
  readonly tags = new Map<string, string>();

  find(reference: string): StoredManifest | undefined {
    return this.manifests.get(reference) ?? this.manifests.get(this.tags.get(reference) ?? '');
  }

  referrers(subject: string, artifactType: string | null): readonly Readonly<Record<string, unknown>>[] {
    return [...this.manifests.values()]
      .filter((manifest) => manifest.subject === subject)
      .map(({ entry }) => entry)
      .filter((entry) => artifactType === null || entry.artifactType === artifactType);
  }

  /** distribution-spec, "Pushing Manifests". @returns the manifest, or the error code and the reason */
  accept(bytes: Buffer, mediaType: string): StoredManifest | { readonly code: string; readonly message: string } {
    let fields: Record<string, unknown>;
    try {
      fields = JSON.parse(bytes.toString('utf8'));
      if (typeof fields !== 'object' || fields === null) throw new Error('not an object');
    } catch {
      return { code: 'MANIFEST_INVALID', message: 'the manifest is not a JSON object' };
    }
    if (fields.mediaType !== undefined && fields.mediaType !== mediaType) {
      return { code: 'MANIFEST_INVALID', message: 'mediaType is not the Content-Type' };
    }
    const children = digestsOf(fields.manifests);
    const missingChild = children.find((digest) => !this.manifests.has(digest));
    if (missingChild !== undefined) return { code: 'MANIFEST_BLOB_UNKNOWN', message: `${missingChild} is not here` };
    // distribution, registry/storage/{ocimanifesthandler,schema2manifesthandler}.go does not check them, since clients
    // have their URLs.
    const layers = Array.isArray(fields.layers) ? fields.layers.filter((layer) => !isForeign(layer)) : [];
    const blobs = [...digestsOf([fields.config]), ...digestsOf(layers)];
    const missing = blobs.find((digest) => !this.blobs.has(digest));
    if (missing !== undefined) return { code: 'MANIFEST_BLOB_UNKNOWN', message: `${missing} is not here` };
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const config = fields.config as { mediaType?: string } | undefined;
    const artifactType = fields.artifactType || config?.mediaType;
    return {
      digest,
      mediaType,
      bytes,
      subject: digestsOf([fields.subject])[0],
      entry: {
        mediaType,
        digest,
        size: bytes.length,
        ...(artifactType ? { artifactType } : {}),
        ...(fields.annotations ? { annotations: fields.annotations } : {}),
      },
    };
  }
}

function digestsOf(descriptors: unknown): string[] {
  if (!Array.isArray(descriptors)) return [];
  return descriptors
    .map((descriptor: { digest?: unknown } | undefined) => descriptor?.digest)
    .filter((digest): digest is string => typeof digest === 'string');
}

function isForeign(layer: { readonly mediaType?: unknown; readonly urls?: unknown } | undefined): boolean {
  const { mediaType, urls } = layer ?? {};
  return /\.(foreign|nondistributable)\./.test(String(mediaType)) && Array.isArray(urls) && urls.length > 0;
}
