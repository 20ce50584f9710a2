/** For tests: git repositories with generated commits, and the services that read them. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { childContexts, run } from '@tidegate/tools';
import type { Services } from '../services.ts';

const exec = promisify(execFile);
const ENV = {
  PATH: process.env.PATH ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.org',
};

export async function git(folder: string, ...argv: string[]): Promise<string> {
  return (await exec('git', ['-c', 'protocol.file.allow=always', ...argv], { cwd: folder, env: ENV })).stdout.trim();
}

export interface Repository {
  readonly folder: string;
  readonly url: string;
  /** Writes the files and commits everything. @returns the commit */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
}

export async function newRepository(format: 'sha1' | 'sha256' = 'sha1'): Promise<Repository> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-repository-'));
  await git(folder, 'init', '--quiet', '--initial-branch=main', `--object-format=${format}`);
  // Allow partial clones and fetching a commit by its id, as GitHub does.
  await git(folder, 'config', 'uploadpack.allowFilter', 'true');
  await git(folder, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  return {
    folder,
    url: `file://${folder}`,
    async commit(files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      await git(folder, 'add', '--all');
      await git(folder, 'commit', '--quiet', '--allow-empty', '--message=a commit');
      return git(folder, 'rev-parse', 'HEAD');
    },
  };
}

export function gitServices(temp: string): Services {
  const quiet = () => {};
  return {
    run,
    children: childContexts({
      env: { PATH: process.env.PATH, HOME: temp },
      folder: join(temp, 'children'),
      workspace: temp,
    }),
    temp,
    signal: new AbortController().signal,
    log: { debug: quiet, info: quiet, notice: quiet },
  } as unknown as Services;
}
