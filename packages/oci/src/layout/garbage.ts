import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, isDigest } from '@tidegate/core';
import { ABANDONED_AFTER, errno, removeAbandoned, TEMPORARY } from './files.ts';
import { LAYOUT_FILE, VERSION_FILE } from './index-json.ts';

export interface CollectOptions {
  /**
   * Minimum age of removed blobs in milliseconds (default: one hour), because writers write the blobs of an image first
   * and its index last.
   */
  readonly grace?: number;
}

/** Removed blobs, and the sum of their file sizes. */
export interface Collected {
  readonly blobs: number;
  readonly bytes: number;
}

/** Remove the blobs that are not in `kept`, and temporary files of crashed writers. Call it under the layout's lock. */
export async function collectGarbage(
  folder: string,
  kept: ReadonlySet<Digest>,
  { grace = ABANDONED_AFTER }: CollectOptions,
): Promise<Collected> {
  const blobs = join(folder, 'blobs', 'sha256');
  const now = Date.now();
  let count = 0;
  let bytes = 0;
  for (const name of await readdir(blobs)) {
    const digest = `sha256:${name}`;
    // Leave files with other names alone.
    if (!isDigest(digest) || kept.has(digest)) continue;
    const path = join(blobs, name);
    const found = await lstat(path).catch((error: unknown) => {
      if (errno(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (!found || found.isDirectory() || now - found.mtimeMs < grace) continue;
    await rm(path, { force: true });
    count += 1;
    bytes += found.size;
  }
  await removeAbandoned(folder, join(folder, LAYOUT_FILE));
  return { blobs: count, bytes };
}

/** Whether a folder contains only an incomplete layout, as left by a killed `create`: no version marker, no blob. */
export async function isHalfMade(folder: string): Promise<boolean> {
  for (const name of await readdir(folder)) {
    if (name === VERSION_FILE) return false;
    if (name === 'blobs') {
      const inside = await readdir(join(folder, name)).catch(() => ['not a folder']);
      if (inside.some((one) => one !== 'sha256')) return false;
      if (inside.length > 0 && (await readdir(join(folder, name, 'sha256')).catch(() => ['x'])).length > 0)
        return false;
    } else if (name === LAYOUT_FILE) {
      // `create` first writes an index without entries, which is smaller than 100 bytes.
      if ((await stat(join(folder, name))).size > 100) return false;
    } else if (!name.startsWith(TEMPORARY)) return false;
  }
  return true;
}
