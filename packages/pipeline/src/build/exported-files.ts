import { chmod, cp, lstat, readdir, readlink, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import type { Subject } from '@tidegate/attest';
import { TidegateError } from '@tidegate/core';
import { sha256Of } from '../database/sha256.ts';

/**
 * The regular files below a folder, or an archive itself, with their digests. The steps of the Dockerfile chose what is
 * there: a link out of the folder would give a later step another file of the runner, and is an error.
 * @param folder below `from`; undefined if `from` is an archive
 * @param archive its name in the statement
 */
export async function filesIn(from: string, folder: string | undefined, archive: string): Promise<readonly Subject[]> {
  if (folder === undefined) return [{ name: archive, digest: await sha256Of(from) }];
  const found: Subject[] = [];
  const top = join(from, folder);
  const there = await readdir(top, { recursive: true, withFileTypes: true });
  for (const entry of there) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(top, path).split(sep).join(posix.sep);
    if (entry.isSymbolicLink()) {
      await assertInside(path, top, name);
    } else if (entry.isFile()) {
      // Programs of a stage never become setuid programs of the runner.
      await chmod(path, (await lstat(path)).mode & 0o777);
      found.push({ name, digest: await sha256Of(path) });
    } else if (!entry.isDirectory()) {
      throw unusable(`${name} is neither a file nor a folder`);
    }
  }
  return found.toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
}

/**
 * The folder of a link is a real one. With `..` only at the beginning of its text, the rest leads down, through links
 * that are checked, too; behind the name of another link, `..` would lead out although the text does not.
 */
async function assertInside(path: string, top: string, name: string): Promise<void> {
  const to = await readlink(path);
  const target = resolve(dirname(path), to);
  const steps = to.split('/').filter((step) => step !== '' && step !== '.');
  const isClimbedLater = steps.some((step, at) => step === '..' && at > 0 && steps[at - 1] !== '..');
  if (!isClimbedLater && !to.startsWith('/') && (target === top || target.startsWith(`${top}${sep}`))) return;
  throw unusable(`${name} is a symbolic link that leads out of the output`);
}

function unusable(why: string): TidegateError {
  return new TidegateError('build-output-unusable', `The output of the build is not used: ${why}.`, {
    next: 'Copy only files and folders into the stage.',
  });
}

/** Also to another file system. An empty folder at the destination is replaced. */
export async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const isFolder = (await stat(from)).isDirectory();
    await cp(from, to, { recursive: isFolder, preserveTimestamps: true, verbatimSymlinks: true, force: false });
    await rm(from, { recursive: true, force: true });
  }
}
