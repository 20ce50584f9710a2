import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { assertFile, type CommitObjects, committedFile, TidegateError, whyUnreadable } from '@tidegate/core';

/** Where a policy and its referenced files are read from: a commit, a folder, a manifest. */
export interface PolicySource {
  /** Name of a file for messages. */
  nameOf(path: string): string;
  /** @returns undefined if the file does not exist */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** In bytes. Policy files are small; VEX documents are the largest. */
export const MAX_POLICY_SOURCE_BYTES = 16 * 1024 * 1024;

/** Reads files from a commit: the work tree may contain another commit, or changes. */
export function commitSource(objects: CommitObjects, nameOf: (path: string) => string = (path) => path): PolicySource {
  return { nameOf, read: (path) => committedFile(objects, path) };
}

/**
 * Reads files from a folder, for a run outside of a workflow: to try a policy before it is committed. Paths that leave
 * the folder, by a symbolic link for example, are rejected: they would not be in the commit.
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
        throw new TidegateError('policy-file-unusable', `${path} points outside the repository.`, {
          next: 'Add the file itself: files outside the repository are not in the commit.',
        });
      }
      try {
        assertFile(await stat(real), MAX_POLICY_SOURCE_BYTES);
        return await readFile(real);
      } catch (error) {
        throw unreadable(path, error);
      }
    },
  };
}

function unreadable(path: string, cause: unknown): TidegateError {
  return new TidegateError('policy-file-unusable', `${path} cannot be read: ${whyUnreadable(cause)}.`, {
    next: 'Correct the path, or the permissions of the file.',
    cause,
  });
}
