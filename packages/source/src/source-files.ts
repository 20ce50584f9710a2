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

export interface ListOptions {
  /** Names of folders to leave out. Default: third-party code and build output. */
  readonly passedBy?: ReadonlySet<string> | undefined;
  /** Names of files to list. Default: all. */
  readonly fits?: ((name: string) => boolean) | undefined;
  /** Called for each link whose name fits. */
  readonly onLink?: ((path: string) => void) | undefined;
  /** Called for each folder that is left out. */
  readonly onPassedBy?: ((path: string) => void) | undefined;
}

/** Paths of files below a folder, sorted, with `/`; links are not followed. At most 200,000. */
export async function listFiles(
  root: string,
  { passedBy = PASSED_BY, fits = () => true, onLink, onPassedBy }: ListOptions = {},
): Promise<string[]> {
  const found: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined && found.length < MOST_FILES; folder = folders.pop()) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && passedBy.has(entry.name)) onPassedBy?.(path);
      else if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && fits(entry.name)) found.push(path);
      else if (entry.isSymbolicLink() && fits(entry.name)) onLink?.(path);
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
  try {
    const found = await lstat(full);
    if (found.isSymbolicLink()) return { problem: 'it is a symbolic link' };
    if (!found.isFile()) return { problem: 'it is not a file' };
    if (found.size > most) return { problem: `it is larger than ${most} bytes` };
    await using file = await open(full, 'r');
    const text = (await file.readFile()).toString('utf8');
    return isLfsPointer(text) ? { problem: LFS_POINTER } : { text };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // Only a file that is not there may be passed over in silence.
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'it does not exist' };
    if (code === 'EACCES' || code === 'EPERM') return { problem: 'your user may not read it, or not enter its folder' };
    throw error;
  }
}
