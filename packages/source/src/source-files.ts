import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isLfsPointer } from './lfs-pointer.ts';

/** Folders with third-party code or build output. */
const PASSED_BY = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  'vendor',
  'third_party',
  '.venv',
  'venv',
  '__pycache__',
  'testdata',
]);
/** Maximum number of files to list. */
const MOST_FILES = 200_000;

/** Paths of all files below a folder, with `/`; links are not followed. For a repository that git cannot list. */
export async function listFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined && found.length < MOST_FILES; folder = folders.pop()) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !PASSED_BY.has(entry.name)) folders.push(path);
      else if (entry.isFile()) found.push(path);
    }
  }
  return found.sort();
}

export function isPassedBy(path: string): boolean {
  return path
    .split('/')
    .slice(0, -1)
    .some((part) => PASSED_BY.has(part));
}

/** Its content is not in this checkout. */
export const LFS_POINTER = 'it is a Git LFS pointer';

export type SourceText = { readonly text: string } | { readonly problem: string };

/**
 * The text of a regular file. Links are not followed: a link may point outside the repository, to secrets of the
 * runner, and a finding would quote them.
 */
export async function readSource(root: string, path: string, most: number): Promise<SourceText> {
  const full = join(root, path);
  const found = await lstat(full).catch(() => undefined);
  if (!found) return { problem: 'it does not exist' };
  if (found.isSymbolicLink()) return { problem: 'it is a symbolic link' };
  if (!found.isFile()) return { problem: 'it is not a file' };
  if (found.size > most) return { problem: `it has more than ${most} bytes` };
  const file = await open(full, 'r');
  try {
    const text = (await file.readFile()).toString('utf8');
    return isLfsPointer(text) ? { problem: LFS_POINTER } : { text };
  } finally {
    await file.close();
  }
}
