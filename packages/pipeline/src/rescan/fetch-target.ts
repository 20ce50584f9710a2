import { type Image, MANIFEST_LIMIT, manifestsOf } from '@tidegate/core';
import { contentOfBytes, copyManifests, ImageLayout, type Registry, readManifest } from '@tidegate/oci';
import type { Services } from '../services.ts';
import { type Target, targetOf } from '../target.ts';

/** The manifests and configs of a published image in a new layout, without layers. */
export async function fetchTarget(
  registry: Registry,
  image: Image,
  folder: string,
  { signal }: Pick<Services, 'signal'>,
): Promise<Target> {
  const layout = await ImageLayout.create(folder);
  for (const { descriptor } of image.platforms) {
    const manifest = await readManifest(registry, descriptor, { signal });
    if (manifest.kind !== 'manifest') continue;
    const { config } = manifest;
    const bytes = await registry.fetchBytes(config, { signal, limit: MANIFEST_LIMIT });
    await layout.push(config, contentOfBytes(bytes), { signal });
  }
  await copyManifests(registry, layout, manifestsOf(image), { signal });
  await layout.add(image.root);
  return targetOf(layout, image);
}
