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
import { type Attestations, claimsAttestations, isForNobody, readAttestations } from './attestation-manifest.ts';

/** A manifest that was read. `bytes` are kept if the store would have to fetch them again. */
export interface ReadManifest {
  readonly manifest: Manifest | Index;
  readonly bytes?: Uint8Array | undefined;
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

/** An image, and the SBOMs and provenance for Docker in its index. */
export interface AttestedImage extends Image {
  readonly attestations?: readonly Attestations[] | undefined;
}

export interface ReadImageOptions extends CallOptions {
  /**
   * Selects index entries to skip because they are not platforms. Called per entry, not per digest: the same manifest
   * may be listed twice, once as an attestation and once as the image that a node pulls.
   */
  readonly isIgnored?: (entry: Descriptor) => boolean;
  /** Accept attestation manifests for Docker that are exactly as Tidegate writes them. Default: refused. */
  readonly attestations?: boolean;
  /** The contents of `root`, if the caller has read it. */
  readonly manifest?: Manifest | Index;
}

/**
 * The image behind `root`: an index of platforms, or the one platform's manifest.
 * @throws TidegateError `layout` for anything but a plain image: nested indexes, other entries for `unknown/unknown`
 * than `attestations`, missing, unknown or duplicate platforms, referrers, and artifacts.
 */
export async function readImage(
  store: Store,
  root: Descriptor,
  options: ReadImageOptions = {},
): Promise<AttestedImage> {
  const where = `${store.name}: ${root.digest}`;
  const manifest = options.manifest ?? (await readManifest(store, root, options));
  if (manifest.subject) throw refused(where, 'it is a referrer of another manifest, not an image');
  if (manifest.kind === 'manifest') {
    return { root, platforms: [await readPlatform(store, root, manifest, where, options)] };
  }
  const budget = new ManifestBudget(where);
  for (const entry of manifest.manifests) budget.spend(entry);
  const platforms: PlatformImage[] = [];
  const seen = new Set<string>();
  const claimed = new Map<Descriptor, Manifest>();
  for (const entry of manifest.manifests) {
    if (options.isIgnored?.(entry)) continue;
    const at = `${where}: entry ${entry.digest}`;
    if (options.attestations && claimsAttestations(entry)) {
      const child = await readManifest(store, entry, options);
      if (child.kind !== 'manifest' || child.subject) throw refused(at, 'it is not an attestation manifest');
      claimed.set(entry, child);
      continue;
    }
    if (isForNobody(entry)) {
      throw refused(
        at,
        'its platform is unknown/unknown',
        'Build with --provenance=false and --sbom=false: Tidegate adds both itself, with docker-attestations: true.',
      );
    }
    if (!isManifestType(entry.mediaType))
      throw refused(at, `its media type ${JSON.stringify(entry.mediaType)} is not allowed in an image index`);
    const child = await readManifest(store, entry, options);
    if (child.kind !== 'manifest' || child.subject) throw refused(at, 'it is not an image manifest');
    budget.spend(child.config);
    const found = await readPlatform(store, entry, child, at, options);
    if (entry.platform) {
      const known = knownPlatform(entry.platform, at);
      // An index may omit os.version; if it has one, clients select the image by it.
      const format = known['os.version'] === undefined ? formatPlatform : formatExactPlatform;
      const [said, is] = [format(known), format(found.platform)];
      // A scan of linux/amd64 must not get the image of another platform under that name.
      if (said !== is) throw refused(at, `the index says ${said}, but the image is for ${is}`);
    }
    const name = formatExactPlatform(found.platform);
    if (seen.has(name)) throw refused(where, `the platform ${name} is listed twice`);
    seen.add(name);
    platforms.push(found);
  }
  if (platforms.length === 0) throw refused(where, 'the index has no platforms');
  if (claimed.size === 0) return { root, platforms };
  return { root, platforms, attestations: attestationsOf(claimed, platforms, where) };
}

/** @throws TidegateError `layout` for anything but one attestation manifest for each of some platforms */
function attestationsOf(
  claimed: ReadonlyMap<Descriptor, Manifest>,
  platforms: readonly PlatformImage[],
  where: string,
): readonly Attestations[] {
  const left = new Set(platforms.map(({ descriptor }) => descriptor.digest));
  return [...claimed].map(([entry, manifest]) => {
    const read = readAttestations(entry, manifest, left);
    if (typeof read === 'string')
      throw refused(`${where}: entry ${entry.digest}`, `its platform is unknown/unknown, and ${read}`);
    left.delete(read.about);
    return read;
  });
}

async function readPlatform(
  store: Store,
  descriptor: Descriptor,
  manifest: Manifest,
  where: string,
  options: CallOptions,
): Promise<PlatformImage> {
  if (!manifest.config.mediaType.includes('image')) {
    throw refused(
      where,
      `the media type of its config, ${JSON.stringify(manifest.config.mediaType)}, is that of an artifact, not of an image`,
    );
  }
  const config = await store.fetchBytes(manifest.config, { ...options, limit: MANIFEST_LIMIT });
  const { mediaType, digest, size } = descriptor;
  return { platform: platformOfConfig(config, manifest.config.digest), descriptor: { mediaType, digest, size } };
}

/** The config and layers of a manifest, each once. */
export function blobsOf(manifest: Manifest): readonly Descriptor[] {
  const blobs = new Map<Digest, Descriptor>();
  addBlobs(blobs, manifest);
  return [...blobs.values()];
}

/** @throws TidegateError `integrity` if the same digest has two sizes */
export function addBlobs(blobs: Map<Digest, Descriptor>, manifest: Manifest): void {
  for (const { mediaType, digest, size, urls } of [manifest.config, ...manifest.layers]) {
    const known = blobs.get(digest);
    if (known && known.size !== size) {
      throw new TidegateError(
        'image-inconsistent',
        `${digest} is listed with two sizes: ${known.size} and ${size} bytes.`,
        {
          next: 'Build the image again: its manifests are inconsistent.',
        },
      );
    }
    blobs.set(digest, { mediaType, digest, size, urls });
  }
}

function refused(
  where: string,
  why: string,
  next = 'Use an image or an image index that contains only platforms.',
): TidegateError {
  return new TidegateError('layout-unsupported', `${where} is not a supported image: ${why}.`, { next });
}
