import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { resolvedPolicy } from './policy.ts';

const exec = promisify(execFile);
const POLICY = '.github/tidegate.yml';
let temp: string;
let workspace: string;
let commit: string;

const git = async (...argv: string[]) => {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  return (await exec('git', [...identity, ...argv], { cwd: workspace })).stdout.trim();
};
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(workspace, path)), { recursive: true });
  await writeFile(join(workspace, path), text);
};

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'tidegate-policy-inputs-'));
  workspace = join(temp, 'workspace');
  await mkdir(workspace);
  await git('init', '--quiet');
  await write(POLICY, 'version: 1\nvulnerabilities: { max-epss: 0.1 }\n');
  await git('add', '.');
  await git('commit', '--quiet', '--message=policy');
  commit = await git('rev-parse', 'HEAD');
  // The state that the last job left on this runner: another commit, and a changed file.
  await write(POLICY, 'version: 1\nvulnerabilities: { max-epss: 0.9 }\n');
  await git('commit', '--quiet', '--all', '--message=lax');
  await write(POLICY, 'version: 1\n');
});
afterAll(() => rm(temp, { recursive: true, force: true }));

const NOTHING = {
  ...({ policy: '', 'fail-on': '', 'unknown-severity': '', 'only-fixed': '', 'allow-empty-sbom': '' } as const),
  'max-db-age': undefined,
};
const resolved = async (env: Readonly<Record<string, string>>, inputs: Readonly<Record<string, unknown>> = {}) => {
  const quiet = () => {};
  const signal = new AbortController().signal;
  const job = {
    ...{ temp, workspace, toolCache: temp, signal, clock: () => new Date(), event: {} },
    env: { PATH: process.env.PATH ?? '', HOME: temp, ...env },
    log: { debug: quiet, info: quiet, notice: quiet, warning: quiet },
    progress: { start: () => ({ advance: quiet, done: quiet }) },
  } as unknown as Job;
  return (await resolvedPolicy({ ...NOTHING, ...inputs }, job)).policy;
};

test('the policy is that of GITHUB_SHA, not what lies in the work tree or is checked out there', async () => {
  expect((await resolved({ GITHUB_SHA: commit })).maxEpss).toBe(0.1);
});

test('a commit that is neither in the checkout nor to be had from GitHub is an error, and not "no policy"', async () => {
  const other = 'ab'.repeat(20);
  await expect(resolved({ GITHUB_SHA: other })).rejects.toThrow(
    `The policy cannot be read: commit ${other} (GITHUB_SHA) is not in the checkout.`,
  );
  await expect(
    resolved({
      GITHUB_SHA: other,
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_TOKEN: 't',
      GITHUB_API_URL: 'http://127.0.0.1:9',
    }),
  ).rejects.toThrow(`GitHub does not return commit ${other} of acme/app`);
});

test('a file that the policy input names must be in the commit', async () => {
  await write('new.yml', 'version: 1\n');
  await expect(resolved({ GITHUB_SHA: commit }, { policy: 'new.yml' })).rejects.toThrow('There is no file new.yml.');
});

test('outside of a workflow, the file is tried as it lies there', async () => {
  expect((await resolved({})).maxEpss).toBeUndefined();
});
