import {
  type Descriptor,
  type Digest,
  digestOf,
  formatExactPlatform,
  isNonDistributable,
  MediaType,
  type Platform,
  type PlatformImage,
  TidegateError,
} from '@tidegate/core';
import { eachConcurrently } from '../http/concurrent.ts';
import { blobsOf, readImage, readManifest } from '../image/image.ts';
import { type IndexEntry, imageIndex } from '../image/index.ts';
import { bare } from '../layout/graph.ts';
import type { ImageLayout } from '../layout/layout.ts';
import { linkBlob } from '../layout/link.ts';
import type { CallOptions } from '../store.ts';
import { contentOfBytes } from '../verified.ts';
import { copyManifests, copyReferrers } from './copy.ts';

/** Blobs that are hashed side by side. */
const AT_ONCE = 4;

export interface JoinOptions extends CallOptions {
  /** Annotations of the index that is made. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Annotations of a platform's descriptor in that index. */
  readonly descriptorAnnotations?: (platform: Platform) => Readonly<Record<string, string>>;
  /** Annotations of the index's own descriptor, in the layout's `index.json`. */
  readonly ownAnnotations?: Readonly<Record<string, string>>;
}

/**
 * One index over the platforms of several layouts (a build matrix gives one each), with their referrers.
 * The same images give the same bytes, in whatever order they come, and the bytes that one build of all platforms gives.
 * One platform without annotations of an index is its manifest alone, as a build of one platform is.
 * Configs and layers are hard-linked where that is possible, and read-only from then on, in `layouts` too.
 * @returns the index or that manifest, which is `target`'s root from then on
 */
export async function joinLayouts(
  layouts: readonly ImageLayout[],
  target: ImageLayout,
  options: JoinOptions = {},
): Promise<Descriptor> {
  const { annotations = {}, descriptorAnnotations = () => ({}), ownAnnotations = {}, ...call } = options;
  const byPlatform = new Map<string, PlatformImage>();
  const copied = new Map<Digest, ImageLayout>();
  for (const layout of layouts) {
    const image = await readImage(layout, await layout.root(), call);
    for (const platform of image.platforms) {
      const name = formatExactPlatform(platform.platform);
      const other = byPlatform.get(name);
      if (other && other.descriptor.digest !== platform.descriptor.digest) {
        throw new TidegateError('conflict', `Two different images are for ${name}.`, {
          next: 'Build each platform once, or give each build its own name.',
        });
      }
      byPlatform.set(name, platform);
      copied.set(platform.descriptor.digest, layout);
    }
  }
  const names = [...byPlatform.keys()].sort();
  if (names.length === 0) {
    throw new TidegateError('layout', 'No layouts to join.', { next: 'Build at least one platform.' });
  }
  const entries: IndexEntry[] = [];
  for (const name of names) {
    const found = byPlatform.get(name);
    const layout = found && copied.get(found.descriptor.digest);
    if (!found || !layout) continue;
    const { descriptor, platform } = found;
    await linkBlobs(layout, target, descriptor, call);
    await copyManifests(layout, target, [descriptor], call);
    await copyReferrers(layout, target, descriptor.digest, call);
    entries.push({ descriptor, platform, annotations: descriptorAnnotations(platform) });
  }
  const [alone] = entries;
  if (alone && entries.length === 1 && !isAnnotated([annotations, alone.annotations, ownAnnotations])) {
    const descriptor = bare(alone.descriptor);
    await target.add(descriptor);
    return descriptor;
  }
  const bytes = imageIndex(entries, annotations);
  const descriptor = { mediaType: MediaType.index, digest: digestOf(bytes), size: bytes.length };
  await target.push(descriptor, contentOfBytes(bytes), call);
  await target.add(descriptor, ownAnnotations);
  return descriptor;
}

/**
 * The platform's config and layers. Layers that may not be distributed stay on this machine, so they come along where
 * they are there.
 */
async function linkBlobs(
  source: ImageLayout,
  target: ImageLayout,
  descriptor: Descriptor,
  call: CallOptions,
): Promise<void> {
  const manifest = await readManifest(source, descriptor, call);
  if (manifest.kind !== 'manifest') return;
  await eachConcurrently(
    blobsOf(manifest),
    () => AT_ONCE,
    call.signal,
    async (blob, signal) => {
      if (isNonDistributable(blob) && !(await source.exists(blob))) return;
      await linkBlob(source, target, blob, { signal });
    },
  );
}

function isAnnotated(places: readonly (JoinOptions['annotations'] | undefined)[]): boolean {
  return places.some((annotations) => Object.keys(annotations ?? {}).length > 0);
}
