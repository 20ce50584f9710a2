import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasKind, TidegateError, together } from '@tidegate/core';
import { createGit, type GitProtocol } from '@tidegate/tools';
import { commitObjects, type GitServices, gitObjects } from './git-objects.ts';
import { assertOwnCommit, newRepositoryArgv } from './own-commit.ts';
import { commitSource, type PolicySource } from './source.ts';

const FETCH_TIMEOUT = 2 * 60_000;
const INIT_TIMEOUT = 30_000;
const PROTOCOLS: readonly GitProtocol[] = ['https', 'ssh'];

/**
 * One commit of another repository, fetched when it is first read. The commit is the pin: every object is verified
 * against its id, and a branch or a tag of the repository must contain the commit.
 * @param protocols for tests
 */
export function gitSource(
  url: string,
  commit: string,
  services: GitServices,
  protocols: readonly GitProtocol[] = PROTOCOLS,
): PolicySource & AsyncDisposable {
  let fetched: Promise<string> | undefined;
  const git = createGit(services.run, services.children);
  const fetchInto = async (folder: string, signal: AbortSignal): Promise<void> => {
    const options = { folder, bare: true, signal };
    await git('init', newRepositoryArgv(commit), { ...options, timeout: INIT_TIMEOUT });
    const argv = ['--quiet', '--depth=1', '--no-tags', '--end-of-options', url, commit];
    await git('fetch', argv, { ...options, timeout: FETCH_TIMEOUT, protocols });
  };
  const fetch = async (): Promise<string> => {
    const folder = await mkdtemp(join(services.temp, 'policy-'));
    try {
      await together(services.signal, (signal) => [
        fetchInto(folder, signal),
        assertOwnCommit(url, commit, { ...services, signal }, protocols),
      ]);
      return folder;
    } catch (cause) {
      await rm(folder, { recursive: true, force: true });
      if (services.signal.aborted || hasKind(cause, 'bad-input')) throw cause;
      throw unfetched(url, commit, cause);
    }
  };
  return {
    nameOf: (path) => `${url}@${commit.slice(0, 12)}:${path}`,
    async read(path) {
      fetched ??= fetch();
      const objects = gitObjects({ folder: await fetched, bare: true }, services);
      return commitSource(commitObjects(commit, objects, undefined, () => unfetched(url, commit))).read(path);
    },
    async [Symbol.asyncDispose]() {
      const folder = await fetched?.catch(() => undefined);
      if (folder) await rm(folder, { recursive: true, force: true });
    },
  };
}

function unfetched(url: string, commit: string, cause?: unknown): TidegateError {
  return new TidegateError('policy-extends-unreadable', `Cannot fetch the policy from ${url} at ${commit}.`, {
    next: 'Check the URL and the commit under extends, and that git can read the repository without a prompt.',
    cause,
  });
}
