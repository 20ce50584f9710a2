import { Readable } from 'node:stream';
import { type Digest, digestOf, MediaType } from '@tidegate/core';
import { ImageLayout } from '@tidegate/oci';

/**
 * Write a layout with one image for linux/amd64 that has no layers, and no evidence.
 * @returns digest of its manifest
 */
export async function writeEmptyImage(path: string): Promise<Digest> {
  const layout = await ImageLayout.create(path);
  const put = async (mediaType: string, content: object) => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, { open: (from = 0) => Readable.from([bytes.subarray(from)]) });
    return descriptor;
  };
  const rootfs = { type: 'layers', diff_ids: [] };
  const config = await put(MediaType.config, { os: 'linux', architecture: 'amd64', rootfs });
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
  const root = await put(MediaType.manifest, manifest);
  await layout.add(root);
  return root.digest;
}
