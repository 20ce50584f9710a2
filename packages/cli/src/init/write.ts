import { lstat, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, replaceFile } from '@tidegate/tools';
import { usageError } from '../usage.ts';
import type { ProposedFile } from './propose.ts';

/**
 * Writes below `top` only: a commit could contain a link to a folder of the user. A file that changed since it was read
 * is not overwritten.
 */
export async function writeProposed(top: string, { path, before, after }: ProposedFile): Promise<void> {
  const parts = path.split('/');
  for (let count = 1; count <= parts.length; count++) {
    const part = parts.slice(0, count).join('/');
    if (!(await isLink(join(top, part)))) continue;
    throw usageError(
      `${part} is a symbolic link: ${path} was not written.`,
      'Replace it with a folder or a file of the repository, then run tidegate init again.',
    );
  }
  const file = join(top, path);
  await makeFolder(dirname(file));
  if (before === undefined) {
    await writeFile(file, after, { flag: 'wx' });
    return;
  }
  if ((await readFile(file, 'utf8')) !== before) {
    throw usageError(`${path} changed meanwhile.`, 'Run tidegate init again.');
  }
  await replaceFile(file, after);
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}
