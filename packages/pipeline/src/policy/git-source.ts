import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TidegateError } from '@tidegate/core';
import { createGit, type GitCommand, type GitOptions, type GitProtocol } from '@tidegate/tools';
import type { Services } from '../services.ts';
import type { PolicySource } from './source.ts';

const FETCH_TIMEOUT = 2 * 60_000;
const READ_TIMEOUT = 30_000;
const PROTOCOLS: readonly GitProtocol[] = ['https', 'ssh'];

type GitServices = Pick<Services, 'run' | 'children' | 'temp' | 'signal'>;

/**
 * One commit of another repository, fetched when it is first asked for. The commit is the pin: git holds every object
 * against its hash.
 * @param protocols for tests
 */
export function gitSource(
  url: string,
  commit: string,
  services: GitServices,
  protocols: readonly GitProtocol[] = PROTOCOLS,
): PolicySource & AsyncDisposable {
  let fetched: Promise<string> | undefined;
  const run = createGit(services.run, services.children);
  const git = (command: GitCommand, folder: string, argv: readonly string[], more: Partial<GitOptions> = {}) =>
    run(command, argv, { folder, bare: true, timeout: READ_TIMEOUT, signal: services.signal, ...more });
  const fetch = async (): Promise<string> => {
    const folder = await mkdtemp(join(services.temp, 'policy-'));
    try {
      await git('init', folder, ['--quiet', '--bare']);
      await git('fetch', folder, ['--quiet', '--depth=1', '--no-tags', '--end-of-options', url, commit], {
        timeout: FETCH_TIMEOUT,
        protocols,
      });
    } catch (cause) {
      if (services.signal.aborted) throw cause;
      throw new TidegateError('bad-input', `The policy in ${url} at ${commit} cannot be fetched.`, {
        next: 'Check the URL and the commit under extends, and that git can read the repository without being asked.',
        cause,
      });
    }
    return folder;
  };
  return {
    nameOf: (path) => `${url}@${commit.slice(0, 12)}:${path}`,
    async read(path) {
      fetched ??= fetch();
      const folder = await fetched;
      const object = `${commit}:${path}`;
      const kind = await git('cat-file', folder, ['-t', object], { answers: [0, 128] });
      if (kind.exitCode !== 0 || kind.stdout.trim() !== 'blob') return undefined;
      const file = join(folder, 'tidegate-read');
      await git('cat-file', folder, ['blob', object], { stdout: { file } });
      return readFile(file);
    },
    async [Symbol.asyncDispose]() {
      const folder = await fetched?.catch(() => undefined);
      if (folder) await rm(folder, { recursive: true, force: true });
    },
  };
}
