import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { githubToken, gitStateOf } from './github.ts';
import type { Job } from './job.ts';

let workspace = '';
let sha = '';
const git = (...argv: string[]) =>
  execFileSync('git', argv, {
    cwd: workspace,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: workspace,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_AUTHOR_DATE: '1700000000 +0100',
      GIT_COMMITTER_NAME: 'c',
      GIT_COMMITTER_EMAIL: 'c@example.com',
      GIT_COMMITTER_DATE: '1700000500 +0100',
    },
  }).trim();

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'checkout-'));
  git('init', '-q', '-b', 'main');
  await writeFile(join(workspace, 'a'), 'a');
  git('add', 'a');
  git('commit', '-q', '-m', 'committer Mallory <m@example.com> 1 +0000');
  git('tag', 'v1.0.0');
  git('tag', 'v1.2.0');
  sha = git('rev-parse', 'HEAD');
});
afterAll(() => rm(workspace, { recursive: true }));

const notices: string[] = [];
const servers: { close(): unknown }[] = [];
afterEach(() => {
  notices.length = 0;
  for (const server of servers.splice(0)) server.close();
});

function jobWith(env: Record<string, string>, event: Record<string, unknown> = {}, folder = workspace): Job {
  const unused = () => {
    throw new Error('not used here');
  };
  return {
    log: { debug() {}, info() {}, notice: (text) => notices.push(text), warning() {}, group: unused, mask() {} },
    progress: { start: unused },
    clock: () => new Date(0),
    signal: new AbortController().signal,
    env: {
      PATH: process.env.PATH ?? '',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: sha,
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_SERVER_URL: 'https://github.example',
      ...env,
    },
    temp: tmpdir(),
    workspace: folder,
    toolCache: tmpdir(),
    event,
    saveState() {},
    state: () => '',
    idToken: async () => '',
    summarise: async () => {},
  };
}

const repository = { default_branch: 'main' };

/** A GitHub API on loopback that knows some answers, as JSON by path. */
async function api(answers: Readonly<Record<string, unknown>>): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    asked.push(`${path} ${request.headers.authorization}`);
    const answer = answers[path];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { message: 'Not Found ::error::x' }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('a push', () => {
  test('has its branch, and the committer date from the checkout', async () => {
    expect(await gitStateOf(jobWith({}, { repository }))).toMatchObject({
      event: { kind: 'push' },
      ref: { kind: 'branch', name: 'main' },
      sha,
      defaultBranch: 'main',
      repository: 'acme/app',
      serverUrl: 'https://github.example',
      fork: false,
      commitTime: new Date(1_700_000_500_000),
    });
  });

  test('of a tag knows all tags of a whole checkout', async () => {
    const state = await gitStateOf(jobWith({ GITHUB_REF: 'refs/tags/v1.2.0' }, { repository }));
    expect(state.knownTags).toEqual(['v1.0.0', 'v1.2.0']);
  });

  test('without a checkout has the date of the event, if that is about this commit', async () => {
    const head = { id: sha, timestamp: '2026-11-24T08:00:00+01:00' };
    const at = (head_commit: object) => gitStateOf(jobWith({}, { repository, head_commit }, tmpdir()));
    expect((await at(head)).commitTime).toEqual(new Date('2026-11-24T07:00:00Z'));
    expect((await at({ ...head, id: '0'.repeat(40) })).commitTime).toBeUndefined();
  });
});

describe('a pull request', () => {
  const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' };
  const from = (repo: unknown) => ({ repository, pull_request: { number: 7, head: { repo } } });

  test.each([
    ['the same repository', { full_name: 'Acme/App' }, false],
    ['a fork', { full_name: 'mallory/app' }, true],
    ['a fork that is gone', null, true],
  ])('from %s', async (_, repo, fork) => {
    expect(await gitStateOf(jobWith(env, from(repo)))).toMatchObject({
      pullRequest: 7,
      fork,
      event: { kind: 'pull_request' },
    });
  });

  test('from a fork is one in pull_request_target too', async () => {
    const job = jobWith({ GITHUB_EVENT_NAME: 'pull_request_target' }, from({ full_name: 'mallory/app' }));
    expect((await gitStateOf(job)).fork).toBe(true);
  });

  test('is seen through a workflow_run', async () => {
    const workflow_run = { head_repository: { full_name: 'mallory/app' } };
    const job = jobWith({ GITHUB_EVENT_NAME: 'workflow_run' }, { repository, workflow_run });
    expect((await gitStateOf(job)).fork).toBe(true);
  });
});

describe('what neither event nor checkout say', () => {
  test('is asked of GitHub with the token', async () => {
    const { url, asked } = await api({
      '/repos/acme/app': { default_branch: 'trunk' },
      [`/repos/acme/app/git/commits/${sha}`]: { committer: { date: '2026-01-02T03:04:05Z' } },
      '/repos/acme/app/git/matching-refs/tags%2F': [{ ref: 'refs/tags/v1.0.0' }, { ref: 'refs/tags/v2.0.0' }],
    });
    const job = jobWith({ GITHUB_API_URL: url, GITHUB_REF: 'refs/tags/v1.0.0' }, {}, tmpdir());
    expect(await gitStateOf(job, 's3cret')).toMatchObject({
      defaultBranch: 'trunk',
      commitTime: new Date('2026-01-02T03:04:05Z'),
      knownTags: ['v1.0.0', 'v2.0.0'],
    });
    expect(asked.every((question) => question.endsWith(' token s3cret'))).toBe(true);
  });

  test('is left out, with a notice, when GitHub does not answer', async () => {
    const { url } = await api({});
    const state = await gitStateOf(jobWith({ GITHUB_API_URL: url }, { repository }, tmpdir()), 's3cret');
    expect(state.commitTime).toBeUndefined();
    expect(notices[0]).toMatch(/^GitHub did not tell the date of the commit of acme\/app: /);
  });

  test('is an error for the default branch, which decides what is published', async () => {
    await expect(gitStateOf(jobWith({}))).rejects.toThrow(/^The default branch/);
  });
});

test('outside a workflow the error names the variable that is missing', async () => {
  await expect(gitStateOf(jobWith({ GITHUB_SHA: '' }))).rejects.toThrow(/^GITHUB_SHA is not set/);
});

test.each([
  ['input', {}, 'input'],
  ['', { GITHUB_TOKEN: 'env' }, 'env'],
  ['', {}, ''],
])('the token of input %j and environment %j is %j', (input, env, token) => {
  expect(githubToken(input, env)).toBe(token);
});
