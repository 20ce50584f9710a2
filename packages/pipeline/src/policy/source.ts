import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type CommitObjects, committedFile, TidegateError } from '@tidegate/core';

/** Where a policy and the files that it names are read from: a commit, a folder, a manifest. */
export interface PolicySource {
  /** What people call a file there. */
  nameOf(path: string): string;
  /** @returns undefined where there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** Files of policies are small; VEX documents are the largest. */
export const MAX_POLICY_SOURCE_BYTES = 16 * 1024 * 1024;

/** A commit: the work tree beside it may be another one's, or changed. */
export function commitSource(objects: CommitObjects, nameOf: (path: string) => string = (path) => path): PolicySource {
  return { nameOf, read: (path) => committedFile(objects, path) };
}

/**
 * A folder as it is, for a run outside of a workflow: somebody tries a policy before it is committed. What leads out of
 * the folder, by a link for example, is refused: it would not be in the commit.
 */
export function folderSource(folder: string): PolicySource {
  return {
    nameOf: (path) => path,
    async read(path) {
      const file = join(folder, path);
      const real = await realpath(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
        throw unreadable(path, error);
      });
      if (real === undefined) return undefined;
      if (!`${real}${sep}`.startsWith(`${await realpath(folder)}${sep}`)) {
        throw new TidegateError('bad-input', `${path} points outside the repository.`, {
          next: 'Add the file itself: files outside the repository are not in the commit.',
        });
      }
      const found = await stat(real);
      if (!found.isFile() || found.size > MAX_POLICY_SOURCE_BYTES) throw unreadable(path);
      return readFile(real).catch((error: unknown) => {
        throw unreadable(path, error);
      });
    },
  };
}

function unreadable(path: string, cause?: unknown): TidegateError {
  return new TidegateError('bad-input', `${path} is not a readable file of at most ${MAX_POLICY_SOURCE_BYTES} bytes.`, {
    next: 'Check the file and its permissions.',
    cause,
  });
}
