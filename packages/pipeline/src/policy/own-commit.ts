import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TidegateError } from '@tidegate/core';
import { createGit, type GitProtocol } from '@tidegate/tools';
import type { GitServices } from './git-objects.ts';

const FETCH_TIMEOUT = 2 * 60_000;
const READ_TIMEOUT = 30_000;
const BRANCHES_AND_TAGS = ['+refs/heads/*:refs/its/heads/*', '+refs/tags/*:refs/its/tags/*'];

/** Arguments of `git init` for a repository with the object format of this commit. */
export function newRepositoryArgv(commit: string): readonly string[] {
  return ['--quiet', '--bare', `--object-format=${commit.length === 64 ? 'sha256' : 'sha1'}`];
}

/**
 * Check that a commit belongs to a repository: a branch or a tag of the repository must contain it. A host that stores
 * forks together, as GitHub does, serves a commit of any fork under the name of the repository, and commits of pull
 * requests under `refs/pull`.
 * Only commits are fetched, no files: first the tips, which include a pinned release, then the history.
 * @throws TidegateError `bad-input` for a commit that does not belong to the repository, `tool` if git cannot read the
 * repository
 */
export async function assertOwnCommit(
  url: string,
  commit: string,
  services: GitServices,
  protocols: readonly GitProtocol[],
): Promise<void> {
  for (const depth of [['--depth=1'], []]) {
    if (await leadsThere(url, commit, depth, services, protocols)) return;
  }
  throw new TidegateError('policy-extends-unreadable', `The commit ${commit} is not on any branch or tag of ${url}.`, {
    next: 'Pin a commit that was merged there. Commits of forks and open pull requests are not accepted.',
  });
}

async function leadsThere(
  url: string,
  commit: string,
  depth: readonly string[],
  services: GitServices,
  protocols: readonly GitProtocol[],
): Promise<boolean> {
  const { signal, temp } = services;
  const git = createGit(services.run, services.children);
  const folder = await mkdtemp(join(temp, 'refs-'));
  const here = { folder, bare: true, timeout: READ_TIMEOUT, signal };
  try {
    await git('init', newRepositoryArgv(commit), here);
    const fetched = [
      '--quiet',
      '--no-tags',
      '--filter=tree:0',
      ...depth,
      '--end-of-options',
      url,
      ...BRANCHES_AND_TAGS,
    ];
    await git('fetch', fetched, { ...here, timeout: FETCH_TIMEOUT, protocols });
    const { exitCode } = await git('cat-file', ['-e', `${commit}^{commit}`], { ...here, answers: [0, 1, 128] });
    if (exitCode !== 0) return false;
    const { stdout } = await git('for-each-ref', ['--count=1', `--contains=${commit}`, 'refs/its'], here);
    return stdout.trim() !== '';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
