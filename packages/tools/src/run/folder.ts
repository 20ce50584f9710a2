import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Make a folder and those above it; one that is there already is fine. In place of Node's recursive `mkdir`, which never
 * returns where a file system answers ENOENT though the parent is there (/proc, automounted folders).
 * @throws the error of the file system, with its code and path
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    if (await isFolder(path)) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    // That it is there by now says nothing: another step may have made it since.
    await makeFolder(parent, mode);
    // Another step may have made it at this moment.
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
