import {
  type Descriptor,
  type Digest,
  formatExactPlatform,
  formatPlatform,
  type Image,
  type Index,
  isManifestType,
  knownPlatform,
  MANIFEST_LIMIT,
  type Manifest,
  type PlatformImage,
  parseManifest,
  platformOfConfig,
  TidegateError,
} from '@tidegate/core';
import { ManifestBudget } from '../registry/manifest-budget.ts';
import type { CallOptions, Store } from '../store.ts';

/** A manifest as it was read. `bytes` are kept of a store that would have to be asked for them again. */
export interface ReadManifest {
  readonly manifest: Manifest | Index;
  readonly bytes?: Uint8Array;
}

/** Read and check a manifest or an index from a store. */
export async function readManifest(
  store: Store,
  descriptor: Descriptor,
  options: CallOptions = {},
): Promise<Manifest | Index> {
  return (await readManifestAndBytes(store, descriptor, options)).manifest;
}

export async function readManifestAndBytes(
  store: Store,
  descriptor: Descriptor,
  options: CallOptions,
): Promise<ReadManifest> {
  if (store.manifest) return { manifest: await store.manifest(descriptor) };
  const bytes = await store.fetchBytes(descriptor, { ...options, limit: MANIFEST_LIMIT });
  return { manifest: parseManifest(bytes, descriptor), bytes };
}

export interface ReadImageOptions extends CallOptions {
  /**
   * Entries of the index that are no platform, and are passed over. Asked of each entry and not of its digest: the same
   * manifest may stand in an index twice, once as somebody's attestation and once as the image that a node pulls.
   */
  readonly aside?: (entry: Descriptor) => boolean;
}

/**
 * The image behind `root`: an index of platforms, or the one platform's manifest.
 * @throws TidegateError `layout` for what is no plain image: nested indexes, entries for `unknown/unknown` (BuildKit's
 * attestation manifests), platforms that are missing, unknown or there twice, referrers, and artifacts.
 */
export async function readImage(store: Store, root: Descriptor, options: ReadImageOptions = {}): Promise<Image> {
  const where = `${store.name}: ${root.digest}`;
  const manifest = await readManifest(store, root, options);
  if (manifest.subject) throw refused(where, 'it is a referrer of another manifest, not an image');
  if (manifest.kind === 'manifest') {
    return { root, platforms: [await readPlatform(store, root, manifest, where, options)] };
  }
  const budget = new ManifestBudget(where);
  for (const entry of manifest.manifests) budget.spend(entry);
  const platforms: PlatformImage[] = [];
  const seen = new Set<string>();
  for (const entry of manifest.manifests) {
    if (options.aside?.(entry)) continue;
    const at = `${where}: entry ${entry.digest}`;
    if (entry.platform?.os === 'unknown' || entry.platform?.architecture === 'unknown') {
      throw refused(
        at,
        'it is for unknown/unknown',
        'Build with --provenance=false and --sbom=false: Tidegate keeps both as referrers.',
      );
    }
    if (!isManifestType(entry.mediaType)) throw refused(at, `${JSON.stringify(entry.mediaType)} in an image's index`);
    const child = await readManifest(store, entry, options);
    if (child.kind !== 'manifest' || child.subject) throw refused(at, 'it is not an image manifest');
    budget.spend(child.config);
    const found = await readPlatform(store, entry, child, at, options);
    if (entry.platform) {
      const claimed = knownPlatform(entry.platform, at);
      // An index may leave the version out; if it names one, it chooses the image by it.
      const format = claimed['os.version'] === undefined ? formatPlatform : formatExactPlatform;
      const [said, is] = [format(claimed), format(found.platform)];
      // Whoever scans linux/amd64 must not be handed another platform's image under that name.
      if (said !== is) throw refused(at, `the index says ${said}, the image is for ${is}`);
    }
    const name = formatExactPlatform(found.platform);
    if (seen.has(name)) throw refused(where, `${name} is there twice`);
    seen.add(name);
    platforms.push(found);
  }
  if (platforms.length === 0) throw refused(where, 'an index without platforms');
  return { root, platforms };
}

async function readPlatform(
  store: Store,
  descriptor: Descriptor,
  manifest: Manifest,
  where: string,
  options: CallOptions,
): Promise<PlatformImage> {
  if (!manifest.config.mediaType.includes('image')) {
    throw refused(where, `its config is ${JSON.stringify(manifest.config.mediaType)}: an artifact, not an image`);
  }
  const config = await store.fetchBytes(manifest.config, { ...options, limit: MANIFEST_LIMIT });
  const { mediaType, digest, size } = descriptor;
  return { platform: platformOfConfig(config, manifest.config.digest), descriptor: { mediaType, digest, size } };
}

/** Everything a manifest names that is no manifest: its config and layers, each once. */
export function blobsOf(manifest: Manifest): readonly Descriptor[] {
  const blobs = new Map<Digest, Descriptor>();
  addBlobs(blobs, manifest);
  return [...blobs.values()];
}

/** @throws TidegateError `integrity` where one of them was described with another size before */
export function addBlobs(blobs: Map<Digest, Descriptor>, manifest: Manifest): void {
  for (const { mediaType, digest, size, urls } of [manifest.config, ...manifest.layers]) {
    const known = blobs.get(digest);
    if (known && known.size !== size) {
      throw new TidegateError('integrity', `${digest} is described with ${known.size} and with ${size} bytes.`, {
        next: 'Build the image again; its manifests contradict each other or themselves.',
      });
    }
    blobs.set(digest, { mediaType, digest, size, ...(urls ? { urls } : {}) });
  }
}

function refused(
  where: string,
  why: string,
  next = 'Give an image or an image index of plain platforms.',
): TidegateError {
  return new TidegateError('layout', `${where} is refused: ${why}.`, { next });
}
