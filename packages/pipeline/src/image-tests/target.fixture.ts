/** An image without layers in a layout of its own, for tests of test results. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { openTarget, type Target } from '../target.ts';

/** @param architectures one for each platform; with one alone there is no index */
export async function newTarget(folder: string, architectures: readonly [string, ...string[]]): Promise<Target> {
  const layout = await ImageLayout.create(await mkdtemp(join(folder, 'layout-')));
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const platform = async (architecture: string): Promise<Descriptor> => {
    const config = await put(MediaType.config, { os: 'linux', architecture, rootfs: { type: 'layers' } });
    const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
    return { ...(await put(MediaType.manifest, manifest)), platform: { os: 'linux', architecture } };
  };
  const [first, ...others] = architectures;
  const manifests = [await platform(first)];
  for (const architecture of others) manifests.push(await platform(architecture));
  const [only] = manifests;
  const index = { schemaVersion: 2, mediaType: MediaType.index, manifests };
  await layout.add(manifests.length === 1 && only ? only : await put(MediaType.index, index));
  return openTarget(layout.folder);
}
