import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { mapLimited, TidegateError } from '@tidegate/core';
import { dockerignore, LFS_POINTER_START, LONGEST_LFS_POINTER } from '@tidegate/source';
import { type BuildOptions, isGitContext } from './options.ts';

const LONGEST_ATTRIBUTES = 1024 * 1024;
const AT_ONCE = 16;
const MOST_SHOWN = 3;

/**
 * `actions/checkout` leaves pointers of about 130 bytes in place of Git LFS files, unless configured otherwise. An
 * image that contains pointers builds, passes every scan, and does not work. This check searches every folder that
 * BuildKit may copy from.
 * @throws TidegateError `bad-input` that names the first pointers
 */
export async function assertNoLfsPointers(
  options: Pick<BuildOptions, 'context' | 'file' | 'buildContexts' | 'workspace'>,
): Promise<void> {
  const { context, workspace } = options;
  if (!isGitContext(context)) {
    const file = options.file ?? join(context, 'Dockerfile');
    const ignoreFiles = [`${file}.dockerignore`, join(context, '.dockerignore')];
    await assertFiles({ shown: 'The build context', folder: context, ignoreFiles }, workspace);
  }
  for (const [name, source] of options.buildContexts) {
    const folder = resolve(workspace, source);
    if (!isFolderSource(source) || !(await isFolder(folder))) continue;
    // BuildKit reads the .dockerignore of each context. A .dockerignore next to the Dockerfile applies to the main
    // context only.
    const ignoreFiles = [join(folder, '.dockerignore')];
    await assertFiles({ shown: `The build context ${JSON.stringify(name)}`, folder, ignoreFiles }, workspace);
  }
}

/**
 * Any other source is an image, a layout, another target or a repository (buildx, build/opt.go), not part of the
 * checkout.
 */
function isFolderSource(source: string): boolean {
  return !isGitContext(source) && !/^(docker-image:\/\/|oci-layout:\/\/|target:|input:)/.test(source);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

interface Searched {
  readonly shown: string;
  readonly folder: string;
  /** The first file that is not empty applies. */
  readonly ignoreFiles: readonly string[];
}

/** @param workspace folder of the repository: its `.gitattributes` apply to the folder too */
async function assertFiles({ shown, folder, ignoreFiles }: Searched, workspace: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('.git/'));
  const attributes = [
    ...foldersAbove(folder, workspace).map((above) => join(above, '.gitattributes')),
    ...files.filter((path) => basename(path) === '.gitattributes').map((path) => join(folder, path)),
  ];
  const uses = await mapLimited(attributes, AT_ONCE, async (path) => (await read(path)).includes('filter=lfs'));
  if (!uses.includes(true)) return;
  const isIgnored = dockerignore((await Promise.all(ignoreFiles.map(read))).find((text) => text !== '') ?? '');
  const found = await mapLimited(files, AT_ONCE, async (path) =>
    (await isPointer(join(folder, path))) && !isIgnored(path) ? [path] : [],
  );
  const pointers = found.flat().toSorted();
  if (pointers.length === 0) return;
  const named = pointers.slice(0, MOST_SHOWN).map((path) => JSON.stringify(path));
  const more = pointers.length > MOST_SHOWN ? ` and ${pointers.length - MOST_SHOWN} more` : '';
  throw new TidegateError(
    'lfs-pointers',
    `${shown} contains Git LFS pointers instead of files: ${named.join(', ')}${more}.`,
    {
      next: 'Check out with `lfs: true` (an input of actions/checkout and of the reusable workflow), or list the files in .dockerignore.',
    },
  );
}

/** Folders from the context's parent up to the repository's folder. */
function foldersAbove(context: string, workspace: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = context; folder !== workspace && folder.startsWith(`${workspace}/`); ) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

/** Empty if the file does not exist, or if git would not read it. */
async function read(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile() || found.size > LONGEST_ATTRIBUTES) return '';
  return readFile(path, 'utf8');
}

async function isPointer(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile() || found.size >= LONGEST_LFS_POINTER || found.size < LFS_POINTER_START.length) return false;
  return (await readFile(path, 'latin1')).startsWith(LFS_POINTER_START);
}
