import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, isDigest } from '@tidegate/core';
import { ABANDONED_AFTER, errno, removeAbandoned, TEMPORARY } from './files.ts';
import { LAYOUT_FILE, VERSION_FILE } from './index-json.ts';

export interface CollectOptions {
  /** Blobs younger than this stay: a writer puts an image's blobs down first and its index last. Milliseconds, an hour unless given. */
  readonly grace?: number;
}

/** What was removed. `bytes` is as the files' sizes add up. */
export interface Collected {
  readonly blobs: number;
  readonly bytes: number;
}

/** Remove the blobs that are not in `kept`, and what crashed writers left. To be called under the layout's lock. */
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
    // What has another name is not ours to judge.
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

/**
 * Whether a folder holds nothing but the beginnings of a layout, as a `create` that was killed leaves them: no marker
 * of a version, no blob.
 */
export async function isHalfMade(folder: string): Promise<boolean> {
  for (const name of await readdir(folder)) {
    if (name === VERSION_FILE) return false;
    if (name === 'blobs') {
      const inside = await readdir(join(folder, name)).catch(() => ['not a folder']);
      if (inside.some((one) => one !== 'sha256')) return false;
      if (inside.length > 0 && (await readdir(join(folder, name, 'sha256')).catch(() => ['x'])).length > 0)
        return false;
    } else if (name === LAYOUT_FILE) {
      // What `create` writes first is an index without entries: under a hundred bytes.
      if ((await stat(join(folder, name))).size > 100) return false;
    } else if (!name.startsWith(TEMPORARY)) return false;
  }
  return true;
}
