import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { mapLimited, TidegateError } from '@tidegate/core';
import { dockerignore } from '@tidegate/source';

/** The first line of every pointer (git-lfs, docs/spec.md). A pointer has less than 1024 bytes. */
const POINTER = 'version https://git-lfs.github.com/spec/v1\n';
const LONGEST_POINTER = 1024;
const LONGEST_ATTRIBUTES = 1024 * 1024;
const AT_ONCE = 16;
const MOST_SHOWN = 3;

/**
 * `actions/checkout` leaves pointers of about 130 bytes where Git LFS keeps a file, unless it is told otherwise. An image
 * that holds pointers builds, passes every scan, and does not work.
 * @param context folder of the build context
 * @param file the Dockerfile: `<file>.dockerignore` beside it overrides `.dockerignore`
 * @param workspace folder of the repository: its `.gitattributes` count for the context too
 * @throws TidegateError `bad-input` that names the first pointers
 */
export async function assertNoLfsPointers(context: string, file: string, workspace: string): Promise<void> {
  const files = (await readdir(context, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(context, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('.git/'));
  const attributes = [
    ...foldersAbove(context, workspace).map((folder) => join(folder, '.gitattributes')),
    ...files.filter((path) => basename(path) === '.gitattributes').map((path) => join(context, path)),
  ];
  const uses = await mapLimited(attributes, AT_ONCE, async (path) => (await read(path)).includes('filter=lfs'));
  if (!uses.includes(true)) return;
  const ignores = (await read(`${file}.dockerignore`)) || (await read(join(context, '.dockerignore')));
  const isIgnored = dockerignore(ignores);
  const found = await mapLimited(files, AT_ONCE, async (path) =>
    (await isPointer(join(context, path))) && !isIgnored(path) ? [path] : [],
  );
  const pointers = found.flat().toSorted();
  if (pointers.length === 0) return;
  const shown = pointers.slice(0, MOST_SHOWN).map((path) => JSON.stringify(path));
  const more = pointers.length > MOST_SHOWN ? ` and ${pointers.length - MOST_SHOWN} more` : '';
  throw new TidegateError(
    'bad-input',
    `The build context holds Git LFS pointers in place of files: ${shown.join(', ')}${more}.`,
    {
      next: 'Check out with `lfs: true` (an input of actions/checkout and of the reusable workflow), or list the files in .dockerignore.',
    },
  );
}

/** From the context's parent up to the repository's folder. */
function foldersAbove(context: string, workspace: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = context; folder !== workspace && folder.startsWith(`${workspace}/`); ) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

/** Empty where there is no such file, or none that git would read. */
async function read(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile() || found.size > LONGEST_ATTRIBUTES) return '';
  return readFile(path, 'utf8');
}

async function isPointer(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile() || found.size >= LONGEST_POINTER || found.size < POINTER.length) return false;
  return (await readFile(path, 'latin1')).startsWith(POINTER);
}
