import { createHash } from 'node:crypto';
import { type Descriptor, type Digest, layerPath } from '@tidegate/core';
import { type ImageLayout, walkLayer } from '@tidegate/oci';
import type { LayerFile } from './file-difference.ts';

/** More than any layer has: a limit of memory. */
const MOST_FILES = 1_000_000;

/**
 * The files of one layer, with a checksum of each content.
 * @returns undefined for a layer with more files than can be compared
 */
export async function layerFiles(
  layout: ImageLayout,
  layer: Descriptor,
  diffId: Digest,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LayerFile> | undefined> {
  const files = new Map<string, LayerFile>();
  let at = 0;
  await walkLayer(
    layout,
    layer,
    diffId,
    ({ path, ...entry }) => {
      const key = layerPath(path);
      const file = { ...entry, at, content: '' };
      at += 1;
      if (at > MOST_FILES) return undefined;
      files.set(key, file);
      if (entry.type !== 'file') return undefined;
      const hash = createHash('sha256');
      return (piece, last) => {
        hash.update(piece);
        if (last) files.set(key, { ...file, content: hash.digest('hex') });
      };
    },
    { signal },
  );
  return at > MOST_FILES ? undefined : files;
}
