import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { assertCommitted } from './committed.ts';
import type { Job } from './job.ts';

const exec = promisify(execFile);
let temp: string;
let workspace: string;
let first: string;
let second: string;

async function commit(folder: string): Promise<string> {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  const git = async (...argv: string[]) => (await exec('git', [...identity, ...argv], { cwd: folder })).stdout.trim();
  await git('init', '--quiet');
  await git('commit', '--quiet', '--allow-empty', '--message=a commit');
  return git('rev-parse', 'HEAD');
}

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'tidegate-committed-'));
  // Above the workspace: none of its business.
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

const held = (env: Readonly<Record<string, string>>, more: Partial<Job> & { folder?: string } = {}) => {
  const { folder = '', ...job } = more;
  const of = { workspace, temp, env: { PATH: process.env.PATH ?? '', ...env }, event: {}, ...job };
  const signal = new AbortController().signal;
  return assertCommitted('The build context', join(of.workspace, folder), { ...of, signal } as unknown as Job);
};
const pull = (sha: string) => ({ event: { pull_request: { head: { sha } } } });

describe('a work tree passes', () => {
  test.each<[string, () => Promise<void>]>([
    ['at the commit of the run', () => held({ GITHUB_SHA: second })],
    ['in a folder of it', () => held({ GITHUB_SHA: second }, { folder: 'app' })],
    ['outside of a workflow', () => held({})],
    [
      'at the head of a pull request',
      () => held({ GITHUB_SHA: first, GITHUB_EVENT_NAME: 'pull_request' }, pull(second)),
    ],
  ])('%s', (_, act) => act());

  test('where the workspace is not a checkout, whatever lies above it', async () => {
    const plain = join(temp, 'plain');
    await mkdir(plain);
    await held({ GITHUB_SHA: first }, { workspace: plain });
  });
});

describe('a work tree is refused', () => {
  test.each<[string, () => Promise<void>, string]>([
    ['at another commit', () => held({ GITHUB_SHA: first, GITHUB_EVENT_NAME: 'push' }), 'without `ref`'],
    ['of another repository', () => held({ GITHUB_SHA: second }, { folder: 'other' }), 'name it as context'],
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
    expect(error).toMatchObject({ code: 'bad-input', next: expect.stringContaining(next) });
    expect(String(error)).toMatch(
      /The build context would be read from commit [0-9a-f]{40}, and this run is for commit/,
    );
  });
});
