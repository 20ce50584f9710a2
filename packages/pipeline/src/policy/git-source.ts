import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TidegateError } from '@tidegate/core';
import type { Services } from '../services.ts';
import type { PolicySource } from './source.ts';

const FETCH_TIMEOUT = 2 * 60_000;
const READ_TIMEOUT = 30_000;
/** What git may speak. Its others run programs that a URL names. */
const PROTOCOLS = ['https', 'ssh'];

type GitServices = Pick<Services, 'run' | 'childEnv' | 'temp' | 'signal'>;

/**
 * One commit of another repository, fetched when it is first asked for. The commit is the pin: git holds every object
 * against its hash.
 * @param protocols for tests
 */
export function gitSource(
  url: string,
  commit: string,
  services: GitServices,
  protocols: readonly string[] = PROTOCOLS,
): PolicySource & AsyncDisposable {
  let fetched: Promise<string> | undefined;
  const git = (folder: string, argv: readonly string[], more: { timeout: number; file?: string; answers?: number[] }) =>
    services.run('git', [...settings(protocols), '-C', folder, ...argv], {
      env: {
        ...services.childEnv,
        GIT_TERMINAL_PROMPT: '0',
        // Whatever the machine's own configuration rewrites or runs is not part of the pin.
        GIT_CONFIG_NOSYSTEM: '1',
      },
      timeout: more.timeout,
      signal: services.signal,
      ...(more.file ? { stdout: { file: more.file } } : {}),
      ...(more.answers ? { answers: more.answers } : {}),
    });
  const fetch = async (): Promise<string> => {
    const folder = await mkdtemp(join(services.temp, 'policy-'));
    try {
      await git(folder, ['init', '--quiet', '--bare'], { timeout: READ_TIMEOUT });
      await git(folder, ['fetch', '--quiet', '--depth=1', '--no-tags', '--end-of-options', url, commit], {
        timeout: FETCH_TIMEOUT,
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
      const kind = await git(folder, ['cat-file', '-t', object], { timeout: READ_TIMEOUT, answers: [0, 128] });
      if (kind.exitCode !== 0 || kind.stdout.trim() !== 'blob') return undefined;
      const file = join(folder, 'tidegate-read');
      await git(folder, ['cat-file', 'blob', object], { timeout: READ_TIMEOUT, file });
      return readFile(file);
    },
    async [Symbol.asyncDispose]() {
      const folder = await fetched?.catch(() => undefined);
      if (folder) await rm(folder, { recursive: true, force: true });
    },
  };
}

function settings(protocols: readonly string[]): readonly string[] {
  const allowed = protocols.flatMap((protocol) => ['-c', `protocol.${protocol}.allow=always`]);
  return ['-c', 'protocol.allow=never', ...allowed, '-c', 'core.hooksPath=/dev/null', '-c', 'core.symlinks=false'];
}
