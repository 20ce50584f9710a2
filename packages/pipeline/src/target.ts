import { type Descriptor, type Digest, formatExactPlatform, type Image } from '@tidegate/core';
import { type AttestedImage, ImageLayout, readImage, readManifest } from '@tidegate/oci';
import { EvidenceCache } from './evidence/cache.ts';

/** The input of a stage: an image layout and the image in it. */
export interface Target {
  readonly layout: ImageLayout;
  readonly image: AttestedImage;
  readonly evidence: EvidenceCache;
}

/**
 * Open a layout that contains one image and its evidence.
 * @throws TidegateError `layout` when it is not a layout, or does not contain exactly one image.
 */
export async function openTarget(folder: string): Promise<Target> {
  const layout = await ImageLayout.open(folder);
  return targetOf(layout, await readImage(layout, await layout.root(), { attestations: true }));
}

/** A target without any known evidence. */
export function targetOf(layout: ImageLayout, image: AttestedImage): Target {
  return { layout, image, evidence: new EvidenceCache() };
}

/**
 * Give a target another root over the same platforms. Stages that hold it meanwhile may use the platforms only: the
 * root is final when the gate judges.
 */
export function replaceImage(target: Target, image: AttestedImage): void {
  (target as { image: AttestedImage }).image = image;
}

/** Map of platform to manifest digest for outputs and summaries. */
export function platformDigests(image: Image): Record<string, string> {
  return Object.fromEntries(image.platforms.map((one) => [formatExactPlatform(one.platform), one.descriptor.digest]));
}

/** A file or folder name for a platform: `linux-arm-v7`. */
export function platformSlug(one: Image['platforms'][number]): string {
  return formatExactPlatform(one.platform).replaceAll(/[^a-z0-9.]+/gi, '-');
}

/** A platform's layers as stored in a registry, lowest first. */
export async function platformLayers(
  { layout }: Target,
  { descriptor }: Image['platforms'][number],
): Promise<readonly Descriptor[]> {
  const manifest = await readManifest(layout, descriptor);
  return manifest.kind === 'manifest' ? manifest.layers : [];
}

/** Size in bytes of a platform's config and layers as stored in a registry, and the number of layers. */
export async function platformSizes(target: Target): Promise<ReadonlyMap<Digest, { size: number; layers: number }>> {
  const sizes = new Map<Digest, { size: number; layers: number }>();
  for (const { descriptor } of target.image.platforms) {
    const manifest = await readManifest(target.layout, descriptor);
    if (manifest.kind !== 'manifest') continue;
    const size = [manifest.config, ...manifest.layers].reduce((sum, blob) => sum + blob.size, 0);
    sizes.set(descriptor.digest, { size, layers: manifest.layers.length });
  }
  return sizes;
}
