import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Descriptor,
  type Digest,
  hexOf,
  type Image,
  isNonDistributable,
  quoted,
  TidegateError,
} from '@tidegate/core';
import { eachConcurrently } from '../http/concurrent.ts';
import { readManifest } from '../image/image.ts';
import { ImageLayout } from '../layout/layout.ts';
import { linkBlob } from '../layout/link.ts';
import type { CallOptions } from '../store.ts';

/** Number of blobs hashed concurrently. */
const CONCURRENCY = 4;

/**
 * Write a layout with the same index.json, byte for byte, and without the layers of the image: evidence, manifests and
 * configs. It is small, and its digest stands for the whole image.
 * @param folder new or empty
 */
export async function writeWithoutLayers(
  layout: ImageLayout,
  image: Image,
  folder: string,
  call: CallOptions = {},
): Promise<void> {
  const { others } = await apart(layout, image, call);
  const target = await ImageLayout.create(folder);
  await each(others, call, (blob, signal) => linkBlob(layout, target, blob, { signal }));
  await target.takeIndex(layout);
}

/**
 * Complete what `writeWithoutLayers` wrote in another job: add the layers from the layouts of the builds. Every layer is
 * hashed. The layout may contain only what its index.json leads to.
 * @returns the number of layers, and their size in bytes
 * @throws TidegateError `evidence-invalid` for a layer or another file in it, `layout-content-missing` for evidence that
 * is missing, and for a layer that no build has
 */
export async function addLayers(
  target: ImageLayout,
  image: Image,
  builds: readonly ImageLayout[],
  call: CallOptions = {},
): Promise<{ readonly layers: number; readonly bytes: number }> {
  const { layers, others } = await apart(target, image, call);
  await assertOnly(target, others);
  for (const blob of others) if (!(await target.exists(blob))) throw missing(blob.digest, target.folder);
  let bytes = 0;
  await each(layers, call, async (layer, signal) => {
    const build = await holderOf(builds, layer);
    if (!build) {
      if (isNonDistributable(layer)) return;
      throw missing(layer.digest, builds.map(({ folder }) => folder).join(', ') || 'No layout');
    }
    await linkBlob(build, target, layer, { signal });
    bytes += layer.size;
  });
  return { layers: layers.length, bytes };
}

/** The layers of the platforms, and all other content. A blob that is both counts as other content. */
async function apart(layout: ImageLayout, image: Image, call: CallOptions) {
  const layers = new Map<Digest, Descriptor>();
  const inOtherRoles = new Set<Digest>();
  const platforms = new Set(image.platforms.map(({ descriptor }) => descriptor.digest));
  const all = await layout.contents();
  for (const { descriptor, isManifest } of all.values()) {
    if (!isManifest) continue;
    inOtherRoles.add(descriptor.digest);
    const manifest = await readManifest(layout, descriptor, call);
    if (manifest.kind !== 'manifest') continue;
    inOtherRoles.add(manifest.config.digest);
    for (const layer of manifest.layers) {
      if (platforms.has(descriptor.digest)) layers.set(layer.digest, layer);
      else inOtherRoles.add(layer.digest);
    }
  }
  return {
    layers: [...layers.values()].filter(({ digest }) => !inOtherRoles.has(digest)),
    others: [...all.values()].map(({ descriptor }) => descriptor).filter(({ digest }) => inOtherRoles.has(digest)),
  };
}

/** A blob that no manifest needs is not evidence, and layers come from the builds. */
async function assertOnly({ folder }: ImageLayout, expected: readonly Descriptor[]): Promise<void> {
  const known = new Set<string>(expected.map(({ digest }) => hexOf(digest)));
  for (const name of await readdir(join(folder, 'blobs', 'sha256'))) {
    if (known.has(name)) continue;
    throw new TidegateError(
      'evidence-invalid',
      `${folder} contains the blob ${quoted(name, 128)}, which is a layer, or not part of the evidence.`,
      { next: 'Pass on the evidence-dir of scan-image as it was written, without layers.' },
    );
  }
}

async function holderOf(builds: readonly ImageLayout[], layer: Descriptor): Promise<ImageLayout | undefined> {
  for (const build of builds) if (await build.exists(layer)) return build;
  return undefined;
}

function missing(digest: Digest, where: string): TidegateError {
  return new TidegateError('layout-content-missing', `${where} does not contain ${digest}.`, {
    next: 'Pass on the evidence-dir of scan-image, and the layouts of the builds that it scanned.',
  });
}

async function each(
  blobs: readonly Descriptor[],
  call: CallOptions,
  work: (blob: Descriptor, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await eachConcurrently(blobs, () => CONCURRENCY, call.signal, work);
}
