import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Descriptor, digestOf, hexOf, MediaType } from '@tidegate/core';
import { copy, ImageLayout, readImage } from '@tidegate/oci';

export type Fields = Readonly<Record<string, unknown>>;

export const LAYER = 'application/vnd.oci.image.layer.v1.tar';
export const CONFIG = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } };

export function described(mediaType: string, content: string | Uint8Array | object) {
  const bytes =
    typeof content === 'string' || content instanceof Uint8Array
      ? Buffer.from(content as string)
      : Buffer.from(JSON.stringify(content));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } satisfies Descriptor, bytes };
}

/** The parts of one image, and the files that hold them. */
export interface Parts {
  readonly folder: string;
  readonly layer: Descriptor;
  readonly config: Descriptor;
  readonly manifest: Descriptor;
  readonly index: Descriptor;
  readonly paths: Readonly<Record<'oci-layout' | 'index.json' | 'index' | 'manifest' | 'config' | 'layer', string>>;
}

const blobPath = (folder: string, { digest }: { readonly digest: Descriptor['digest'] }): string =>
  join(folder, 'blobs', 'sha256', hexOf(digest));

export async function writeBlob(folder: string, mediaType: string, content: string | Uint8Array | object) {
  const { descriptor, bytes } = described(mediaType, content);
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  await writeFile(blobPath(folder, descriptor), bytes);
  return descriptor;
}

/** A good layout with an index, one platform's manifest, its config and a layer, before anything is done to it. */
export async function writeImage(folder: string): Promise<Parts> {
  const layer = await writeBlob(folder, LAYER, 'a layer of some bytes');
  const config = await writeBlob(folder, MediaType.config, CONFIG);
  const manifest = await writeBlob(folder, MediaType.manifest, {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config,
    layers: [layer],
  });
  const index = await writeBlob(folder, MediaType.index, {
    schemaVersion: 2,
    mediaType: MediaType.index,
    manifests: [{ ...manifest, platform: { os: 'linux', architecture: 'amd64' } }],
  });
  const paths = {
    'oci-layout': join(folder, 'oci-layout'),
    'index.json': join(folder, 'index.json'),
    index: blobPath(folder, index),
    manifest: blobPath(folder, manifest),
    config: blobPath(folder, config),
    layer: blobPath(folder, layer),
  };
  await writeFile(paths['oci-layout'], '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(paths['index.json'], JSON.stringify({ schemaVersion: 2, manifests: [index] }));
  return { folder, layer, config, manifest, index, paths };
}

/** All that a chain does with a layout before it pushes: find the image, read it, its evidence and every byte of it. */
export async function consume(folder: string): Promise<void> {
  const layout = await ImageLayout.open(folder);
  const root = await layout.root();
  const image = await readImage(layout, root);
  for (const { descriptor } of image.platforms) await layout.referrers(descriptor.digest);
  await copy(layout, await ImageLayout.create(`${folder}-copied`), [root]);
}
