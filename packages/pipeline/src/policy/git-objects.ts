import { randomUUID } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CommitObjects,
  type GitObjectType,
  hasKind,
  objectIdOf,
  parseTree,
  TidegateError,
  treeOfCommit,
} from '@tidegate/core';
import { createGit } from '@tidegate/tools';
import type { Services } from '../services.ts';
import { MAX_POLICY_SOURCE_BYTES } from './source.ts';

const READ_TIMEOUT = 30_000;
/** Maximum size of a commit or a tree: a folder with a hundred thousand files needs a few megabytes. */
const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

export type GitServices = Pick<Services, 'run' | 'children' | 'temp' | 'signal' | 'log'>;

/**
 * Objects of a repository on disk, each verified against its id: on a runner that is reused, an earlier job may have
 * left objects with other content. Nothing is fetched.
 */
export interface GitObjects {
  /** @returns undefined if the repository does not have the object */
  read(type: GitObjectType, id: string): Promise<Uint8Array | undefined>;
}

/** @param repository a work tree, or a bare repository */
export function gitObjects(
  repository: { readonly folder: string; readonly bare?: boolean | undefined },
  services: GitServices,
): GitObjects {
  const { temp, signal } = services;
  const git = createGit(services.run, services.children);
  return {
    async read(type, id) {
      const file = join(temp, `object-${randomUUID()}`);
      try {
        const { exitCode } = await git('cat-file', [type, id], {
          ...repository,
          timeout: READ_TIMEOUT,
          signal,
          stdout: { file },
          answers: [0, 128],
        });
        if (exitCode !== 0) return undefined;
        const limit = type === 'blob' ? MAX_POLICY_SOURCE_BYTES : MAX_OBJECT_BYTES;
        const { size } = await stat(file);
        if (size > limit)
          throw new TidegateError('commit-too-large', `git ${type} ${id}: ${size} bytes exceed ${limit}.`);
        const bytes = await readFile(file);
        if (objectIdOf(type, bytes, id) !== id) {
          throw new TidegateError(
            'git-object-damaged',
            `The ${type} ${id} in ${repository.folder} does not match its id.`,
            {
              next: 'Delete the checkout on this runner, and check out the commit again.',
            },
          );
        }
        return bytes;
      } catch (error) {
        // Without git on this machine the checkout cannot be used. The caller knows whether another source can.
        if (!hasKind(error, 'tool')) throw error;
        services.log.debug(`git cannot read ${id}: ${error.message}`);
        return undefined;
      } finally {
        await rm(file, { force: true });
      }
    },
  };
}

/**
 * One commit: objects are read from a repository on disk, and missing ones from `remote`.
 * @param missing the error for an object that neither has
 */
export function commitObjects(
  commit: string,
  local: GitObjects | undefined,
  remote: CommitObjects | undefined,
  missing: () => TidegateError,
): CommitObjects {
  const broken = (id: string) => new TidegateError('git-object-damaged', `The git object ${id} cannot be read.`);
  return {
    commit,
    async root() {
      const bytes = await local?.read('commit', commit);
      if (bytes) return treeOfCommit(bytes) ?? fail(broken(commit));
      return (await remote?.root()) ?? fail(missing());
    },
    async tree(id) {
      const bytes = await local?.read('tree', id);
      if (bytes) return parseTree(bytes, id) ?? fail(broken(id));
      return (await remote?.tree(id)) ?? fail(missing());
    },
    async blob(id) {
      return (await local?.read('blob', id)) ?? (await remote?.blob(id)) ?? fail(missing());
    },
  };
}

function fail(error: TidegateError): never {
  throw error;
}
