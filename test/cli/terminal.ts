import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { node24, repositoryRoot } from '@tidegate/testkit';
import type { Job } from '../support/job.ts';
import type { Suite } from '../support/suite.ts';

const exec = promisify(execFile);

/** A run of `tidegate`. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A developer's clone, and a home folder without logins. */
export interface Laptop {
  readonly clone: string;
  readonly home: string;
  run(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  git(...argv: string[]): Promise<string>;
}

/** A clone of the commit of a job. Compiled programs, which are in no commit, are ignored. */
export async function cloneOf(job: Job, suite: Suite, origin = 'git@github.com:acme/app.git'): Promise<Laptop> {
  const home = await mkdtemp(join(suite.folder, 'home-'));
  const clone = join(home, 'src');
  const own = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const git = async (...argv: string[]) => (await exec('git', argv, { cwd: clone, env: own })).stdout.trim();
  await mkdir(clone);
  await git('clone', '--quiet', job.workspace, '.');
  await git('remote', 'set-url', 'origin', origin);
  for (const architecture of ['amd64', 'arm64']) {
    const program = join(job.workspace, `app-linux-${architecture}`);
    await cp(program, join(clone, basename(program)), { preserveTimestamps: true });
  }
  await appendFile(join(clone, '.git/info/exclude'), 'app-linux-*\n');
  const base = {
    PATH: [dirname(node24()), process.env.PATH ?? ''].join(delimiter),
    HOME: home,
    BUILDKIT_HOST: suite.buildkit,
  };
  return {
    clone,
    home,
    git,
    run: (argv, env = {}) =>
      new Promise((resolve) => {
        execFile(
          node24(),
          [...program(suite), ...argv],
          { cwd: clone, env: { ...base, ...env }, maxBuffer: 64 * 1024 * 1024 },
          (error, stdout, stderr) => {
            const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
            resolve({ exitCode, stdout, stderr });
          },
        );
      }),
  };
}

/** The arguments of Node that run `tidegate`. */
function program(suite: Suite): readonly string[] {
  const main = suite.actions ? 'packages/cli/src/main.ts' : 'dist/cli/index.js';
  return ['--disable-warning=ExperimentalWarning', join(repositoryRoot, main)];
}

/** A folder for PATH in which `npx` runs this checkout, with the services of this machine as further flags. */
export async function npxFolder(laptop: Laptop, suite: Suite, flags: readonly string[]): Promise<string> {
  const bin = join(laptop.home, 'bin');
  await mkdir(bin);
  const services = ['--tools', suite.tools, '--db-mirror', suite.databases.fresh, '--db-cache'];
  const more = [...services, join(suite.folder, 'db-cache'), ...flags].map((word) => `'${word}'`).join(' ');
  const run = `exec '${node24()}' ${program(suite).join(' ')} "$@"`;
  const script = `#!/bin/sh
[ "$1 $2" = "--yes github:tidegate/tidegate#v1" ] || exit 9
shift 2
case "$1" in ship) ${run} ${more} ;; esac
${run}
`;
  await writeFile(join(bin, 'npx'), script, { mode: 0o755 });
  return bin;
}
