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

/** Number of blobs hashed concurrently. */
const CONCURRENCY = 4;

export interface JoinOptions extends CallOptions {
  /** Annotations of the new index. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Annotations of a platform's descriptor in that index. */
  readonly descriptorAnnotations?: (platform: Platform) => Readonly<Record<string, string>>;
  /** Annotations of the index's own descriptor, in the layout's `index.json`. */
  readonly ownAnnotations?: Readonly<Record<string, string>>;
}

/**
 * Join several single-platform layouts (from a build matrix) into one index, with their referrers. The result depends
 * only on the images, not on their order, and is byte-identical to a build of all platforms at once. A single platform
 * without index annotations becomes its manifest alone, as in a single-platform build. Configs and layers are
 * hard-linked if possible, and then read-only, in `layouts` too.
 * @returns the index or that manifest, which is now the root of `target`
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
      // Also the same image: each layout has evidence of its own for it, and one would replace that of the other.
      if (byPlatform.has(name)) {
        throw new TidegateError('join-conflict', `Two layouts have an image of the platform ${name}.`, {
          next: 'Build each platform only once, or use another name for each build.',
        });
      }
      byPlatform.set(name, platform);
      copied.set(platform.descriptor.digest, layout);
    }
  }
  const names = [...byPlatform.keys()].sort();
  if (names.length === 0) {
    throw new TidegateError('join-empty', 'There are no layouts to join.', { next: 'Build at least one platform.' });
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
 * Link the platform's config and layers. Nothing is distributed here, so non-distributable layers are linked too if
 * they exist.
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
    () => CONCURRENCY,
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
