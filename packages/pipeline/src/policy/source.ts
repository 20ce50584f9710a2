import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { TidegateError } from '@tidegate/core';

/** Where a policy and the files that it names are read from: a checkout, a commit of another repository, a manifest. */
export interface PolicySource {
  /** What people call a file there. */
  nameOf(path: string): string;
  /** @returns undefined where there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** Files of policies are small; whoever names a gigabyte made a mistake. In bytes. */
const LIMIT = 16 * 1024 * 1024;

/** A checkout. What leads out of it, by a link for example, is refused: it is not in the commit. */
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
        throw new TidegateError('bad-input', `${path} leads out of the repository.`, {
          next: 'Put the file itself there: what lies elsewhere is not in the commit.',
        });
      }
      const found = await stat(real);
      if (!found.isFile() || found.size > LIMIT) throw unreadable(path);
      return readFile(real).catch((error: unknown) => {
        throw unreadable(path, error);
      });
    },
  };
}

function unreadable(path: string, cause?: unknown): TidegateError {
  return new TidegateError('bad-input', `${path} cannot be read as a file of at most ${LIMIT} bytes.`, {
    next: 'Look at the file and at who may read it.',
    ...(cause === undefined ? {} : { cause }),
  });
}
