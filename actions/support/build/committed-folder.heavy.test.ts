import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { NO_TOOLS, withServices } from '../services.ts';
import { assertCommitted } from './committed-folder.ts';

// Each starts git a dozen times.
jest.setTimeout(60_000);

const exec = promisify(execFile);
let temp: string;
let workspace: string;
let first: string;
let second: string;

async function git(folder: string, ...argv: string[]): Promise<string> {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  const local = ['-c', 'protocol.file.allow=always'];
  return (await exec('git', [...identity, ...local, ...argv], { cwd: folder })).stdout.trim();
}

async function commit(folder: string): Promise<string> {
  await git(folder, 'init', '--quiet');
  await git(folder, 'commit', '--quiet', '--allow-empty', '--message=a commit');
  return git(folder, 'rev-parse', 'HEAD');
}

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'tidegate-committed-'));
  // Above the workspace: not part of this run.
  await commit(temp);
  workspace = join(temp, 'workspace');
  await mkdir(join(workspace, 'app'), { recursive: true });
  await mkdir(join(workspace, 'other'));
  first = await commit(workspace);
  second = await commit(workspace);
  await commit(join(workspace, 'other'));
  await writeFile(join(workspace, 'app', 'Dockerfile'), 'FROM scratch\n');
});
afterAll(() => rm(temp, { recursive: true, force: true }));

const held = async (env: Readonly<Record<string, string>>, more: Partial<Job> & { folder?: string } = {}) => {
  const { folder = '', ...given } = more;
  const of = { workspace, temp, toolCache: temp, env: { PATH: process.env.PATH ?? '', ...env }, event: {}, ...given };
  const quiet = () => {};
  const signal = new AbortController().signal;
  const job = { ...of, signal, log: { debug: quiet, info: quiet } } as unknown as Job;
  return withServices(job, NO_TOOLS, (services) =>
    assertCommitted('The build context', join(of.workspace, folder), job, services),
  );
};
const pull = (sha: string) => ({ event: { pull_request: { head: { sha } } } });

describe('a work tree passes', () => {
  test.each<[string, () => Promise<boolean>]>([
    ['at the commit of the run', () => held({ GITHUB_SHA: second })],
    ['in a folder of it', () => held({ GITHUB_SHA: second }, { folder: 'app' })],
    ['outside of a workflow', () => held({})],
    [
      'at the head of a pull request',
      () => held({ GITHUB_SHA: first, GITHUB_EVENT_NAME: 'pull_request' }, pull(second)),
    ],
  ])('%s', async (_, act) => expect(await act()).toBe(true));

  test('as unknown where the workspace is not a checkout, whatever lies above it', async () => {
    const plain = join(temp, 'plain');
    await mkdir(plain);
    expect(await held({ GITHUB_SHA: first }, { workspace: plain })).toBe(false);
  });
});

describe('a work tree is refused', () => {
  test.each<[string, () => Promise<boolean>, string]>([
    ['at another commit', () => held({ GITHUB_SHA: first, GITHUB_EVENT_NAME: 'push' }), 'without `ref`'],
    ['of another repository', () => held({ GITHUB_SHA: second }, { folder: 'other' }), 'set the context to'],
    [
      'at the head of another pull request',
      () => held({ GITHUB_SHA: first, GITHUB_EVENT_NAME: 'pull_request' }, pull(first)),
      'without `ref`',
    ],
    [
      "at a stranger's commit, in a run that holds the repository's secrets",
      () => held({ GITHUB_SHA: first, GITHUB_EVENT_NAME: 'pull_request_target' }, pull(second)),
      'use the event pull_request',
    ],
    [
      'at the commit of the run that started this one',
      () => held({ GITHUB_SHA: first, GITHUB_EVENT_NAME: 'workflow_run' }),
      'use the event pull_request or push',
    ],
  ])('%s', async (_, act, next) => {
    const error = await act().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'bad-input', next: expect.stringContaining(next) });
    expect(String(error)).toMatch(
      /The build context would be read from commit [0-9a-f]{40}, but this run is for commit/,
    );
  });
});

describe('a submodule', () => {
  const context = 'libs/outer/inner/app';
  let whole: string;
  let sha: string;
  const at = (folder: string) => held({ GITHUB_SHA: sha }, { workspace: whole, folder });

  beforeAll(async () => {
    // A repository with a submodule that has a submodule itself, cloned as actions/checkout does with `submodules:
    // recursive`.
    const made = join(temp, 'made');
    const repository = async (name: string, submodule?: string, path = '') => {
      const folder = join(made, name);
      await mkdir(join(folder, 'app'), { recursive: true });
      await git(folder, 'init', '--quiet', '--initial-branch=main');
      await writeFile(join(folder, 'app', 'Dockerfile'), 'FROM scratch\n');
      if (submodule) await git(folder, 'submodule', '--quiet', 'add', join(made, submodule), path);
      await git(folder, 'add', '.');
      await git(folder, 'commit', '--quiet', '--message=a commit');
      return folder;
    };
    await repository('inner');
    await repository('outer', 'inner', 'inner');
    const source = await repository('whole', 'outer', 'libs/outer');
    whole = join(temp, 'with submodules');
    await git(temp, 'clone', '--quiet', '--recurse-submodules', source, whole);
    sha = await git(whole, 'rev-parse', 'HEAD');
  });

  test('is built at the commit that the repository records, at any depth', async () => {
    expect(await at('app')).toBe(true);
    expect(await at('libs/outer/app')).toBe(true);
    expect(await at(context)).toBe(true);
  });

  test('of a repository at another commit is refused for that', async () => {
    const refused = held({ GITHUB_SHA: first }, { workspace: whole, folder: context });
    await expect(refused).rejects.toThrow(`would be read from commit ${sha}, but this run is for commit ${first}`);
  });

  test('that was moved is refused, and the error names both commits', async () => {
    for (const folder of ['libs/outer/inner', 'libs/outer']) {
      const recorded = await git(join(whole, folder), 'rev-parse', 'HEAD');
      await git(join(whole, folder), 'commit', '--quiet', '--allow-empty', '--message=moved');
      const moved = await git(join(whole, folder), 'rev-parse', 'HEAD');
      const error = await at(context).catch((thrown: unknown) => thrown);
      expect(String(error)).toContain(`would be read from commit ${moved} of the submodule`);
      expect(String(error)).toContain(`records ${recorded}.`);
      expect(error).toMatchObject({ next: expect.stringContaining('submodules: true') });
      await git(join(whole, folder), 'checkout', '--quiet', recorded);
    }
    expect(await at(context)).toBe(true);
  });

  test('is one by the commit, and not by the index that a former job left', async () => {
    const folder = join(whole, 'stranger');
    const stranger = await commit(await mkdir(folder, { recursive: true }).then(() => folder));
    await git(whole, 'update-index', '--add', '--cacheinfo', `160000,${stranger},stranger`);
    await expect(at('stranger')).rejects.toThrow(`would be read from commit ${stranger}, but this run is for`);
  });
});
