import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommitObjects, hasKind, isAsCommitted, objectIdOf } from '@tidegate/core';
import { isLfsPointer, LFS_POINTER, readSource, type SourceText } from '@tidegate/source';
import { filesOfCommit } from '../policy/git-trees.ts';
import type { Services } from '../services.ts';

/** Files of a commit, for rules that read many of them. */
export interface CommittedSources {
  readonly commit: string;
  /** Relative to the folder of `read`, sorted. */
  readonly files: readonly string[];
  /** Reads a file as it was committed. A file that is not part of the commit is read from the work tree. */
  read(file: string, most: number): Promise<CommittedText>;
}

/** `lies`: state of the work tree's file if the text was read from the commit instead. */
export type CommittedText = SourceText & { readonly lies?: 'nothing' | 'another' };

/**
 * The sources of a commit. A file is read from the work tree if it is identical to the commit's, and from the commit if
 * not: an earlier step may write version numbers into a Makefile, and an earlier job on this runner may leave a comment
 * that suppresses a rule.
 * @param checkout `top`: its folder; `prefix`: the same, relative to `root`, with a trailing `/`, or empty
 * @throws TidegateError if not all folders of the commit can be read
 */
export async function committedSources(
  objects: CommitObjects,
  checkout: { readonly top: string; readonly root: string; readonly prefix: string },
  services: Services,
): Promise<CommittedSources> {
  const { top, root, prefix } = checkout;
  const ids = await filesOfCommit(objects, top, services);
  return {
    commit: objects.commit,
    files: [...ids.keys()].map((path) => `${prefix}${path}`).sort(),
    async read(file, most) {
      const id = file.startsWith(prefix) ? ids.get(file.slice(prefix.length)) : undefined;
      if (id === undefined) return readSource(root, file, most);
      const here = await readHere(join(root, file), most);
      if (here && objectIdOf('blob', here, id) === id) return textOf(here);
      const committed = await readBlob(objects, id);
      // A sparse checkout of a partial clone: the file is neither in the work tree nor available from the commit.
      if (!committed) return { problem: here ? 'it differs from the commit' : 'it does not exist' };
      if (here && isAsCommitted(here, committed)) return textOf(here);
      if (committed.length > most) return { problem: `it is larger than ${most} bytes` };
      return { ...textOf(committed), lies: here ? 'another' : 'nothing' };
    },
  };
}

function textOf(bytes: Uint8Array): SourceText {
  const text = Buffer.from(bytes).toString('utf8');
  return isLfsPointer(text) ? { problem: LFS_POINTER } : { text };
}

/** Symbolic links are not followed: they may point outside the repository. */
async function readHere(path: string, most: number): Promise<Buffer | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  return found.size > most ? Buffer.alloc(0) : readFile(path);
}

async function readBlob(objects: CommitObjects, id: string): Promise<Uint8Array | undefined> {
  try {
    return await objects.blob(id);
  } catch (error) {
    if (hasKind(error, 'integrity', 'cancelled')) throw error;
    return undefined;
  }
}
