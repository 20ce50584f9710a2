import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { runCommandLine } from './cli.ts';
import { reportEarly } from './early-failure.ts';
import type { Io } from './io.ts';
import { recorder } from './terminal/recorder.fixture.ts';
import { createTerminal } from './terminal/terminal.ts';

const WHO = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org' };
const BY = { ...WHO, GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' };

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A git repository with one commit, in which commands run as in a terminal of a developer. */
export interface Repository {
  readonly folder: string;
  write(path: string, text: string): Promise<void>;
  git(...argv: string[]): Promise<void>;
  /** Run `tidegate` in the top folder. */
  run(...argv: string[]): Promise<Ran>;
  /** Run `tidegate` in a folder below the top. */
  runIn(folder: string, ...argv: string[]): Promise<Ran>;
  remove(): Promise<void>;
}

/** @param files by path, committed on the branch `main` */
export async function newRepository(files: Readonly<Record<string, string>>): Promise<Repository> {
  const temp = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-cli-')));
  const folder = join(temp, 'repository');
  const env = { PATH: process.env.PATH ?? '', HOME: temp, XDG_CACHE_HOME: join(temp, 'cache') };
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const git = async (...argv: string[]) => {
    await promisify(execFile)('git', argv, { cwd: folder, env: { ...env, ...BY } });
  };
  const runIn = (below: string, ...argv: string[]) => runAt(join(folder, below), argv, env);
  await mkdir(folder);
  await git('init', '--quiet', '--initial-branch=main');
  for (const [path, text] of Object.entries(files)) await write(path, text);
  await git('add', '.');
  await git('commit', '--quiet', '--allow-empty', '--message=first');
  return {
    ...{ folder, write, git, runIn },
    run: (...argv) => runIn('.', ...argv),
    remove: () => rm(temp, { recursive: true, force: true }),
  };
}

async function runAt(folder: string, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const stderr = recorder();
  let stdout = '';
  const io: Io = {
    ...{ env, folder, isTerminal: false },
    signal: new AbortController().signal,
    terminal: createTerminal(stderr, {}),
    print: (text) => {
      stdout += text;
    },
    stdin: async () => '',
    confirm: async () => false,
  };
  const exitCode = await runCommandLine(argv, '1.2.3', io).catch((error: unknown) => reportEarly(error, argv, io));
  return { exitCode, stdout, stderr: stderr.text };
}
