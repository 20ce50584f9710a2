/** Every job downloads the archive of this repository before its first step, and most of it is dist/. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';

/**
 * Maximum bytes of dist/ in that archive: 4.85 MB for the actions up to test-image, which read bake files and TOML, 0.5 MB
 * for pin-manifests, which reads what kubectl, kustomize, Argo CD and Compose deploy, and sign-checked, and 1 MB for the command line, which has the manifests and Docker's engine too.
 */
const BUDGET = 6_600_000;

/** @returns a sentence if the files of `folder`, packed with gzip one after the other, exceed `budget` bytes */
export async function complaintAboutSize(folder: string, budget = BUDGET): Promise<string | undefined> {
  const size = await packedSize(folder);
  if (size <= budget) return undefined;
  return (
    `dist/ takes ${size} bytes in the archive that every job downloads, more than its budget of ${budget} bytes. ` +
    'Find what a bundle has newly come to carry and load it only where it is used, ' +
    'or raise BUDGET in packages/tooling/src/dist-size.ts and say why in the commit.'
  );
}

/** In the order of git archive: gzip looks back only 32 KB, so equal files of two actions both count. */
async function packedSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const gzip = createGzip({ level: 9 });
  let size = 0;
  gzip.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  const ended = new Promise<void>((resolve, reject) => gzip.on('end', resolve).on('error', reject));
  for (const path of paths.sort()) gzip.write(await readFile(path));
  gzip.end();
  await ended;
  return size;
}
