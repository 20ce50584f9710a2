import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Create a folder and its parents; an existing folder is not an error. It replaces Node's recursive `mkdir`, which
 * never returns if a file system reports ENOENT although the parent exists (/proc, automounted folders).
 * @throws the error of the file system, with its code and path
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    if (await isFolder(path)) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    // Do not check whether the parent exists by now: another step may have created it since.
    await makeFolder(parent, mode);
    // Another step may have created it concurrently.
    await mkdir(path, mode).catch(async (again: unknown) => {
      if (!(await isFolder(path))) throw again;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
