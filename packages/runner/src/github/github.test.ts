import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type RepositoryApi, type RepositoryState, startRepositoryApi } from '@tidegate/testkit';
import type { Job } from '../job.ts';
import { readNetwork } from '../network/network.ts';
import { githubToken, gitStateOf } from './github.ts';

let workspace = '';
let sha = '';
const git = (...argv: string[]) =>
  execFileSync('git', argv, {
    cwd: workspace,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
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
afterEach(async () => {
  notices.length = 0;
  for (const server of servers.splice(0)) await server.close();
});

function jobWith(env: Record<string, string>, event: Record<string, unknown> = {}, folder = workspace): Job {
  const unused = () => {
    throw new Error('not used here');
  };
  return {
    log: {
      debug() {},
      info() {},
      notice: (text) => notices.push(text),
      warning() {},
      group: unused,
      mask() {},
      redact: (text) => text,
    },
    progress: { start: unused },
    clock: () => new Date(0),
    signal: new AbortController().signal,
    cacheService: unused,
    env: {
      PATH: process.env.PATH ?? '',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: sha,
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_SERVER_URL: 'https://github.example',
      ...env,
    },
    network: readNetwork({}),
    temp: tmpdir(),
    workspace: folder,
    toolCache: tmpdir(),
    event,
    saveState() {},
    state: () => '',
    idToken: async () => '',
    assertIdToken: () => {},
    loginToken: async () => '',
    redacted: (value) => value,
    summarise: async () => {},
    summariseBelow: () => {},
  };
}

const repository = { default_branch: 'main' };

const OTHER = 'f'.repeat(40);

/** GitHub's API for acme/app, with tokens of every kind. */
async function api(over: Partial<RepositoryState> = {}): Promise<RepositoryApi> {
  const server = await startRepositoryApi(
    {
      repository: 'acme/app',
      defaultBranch: 'trunk',
      branches: { main: sha },
      tags: { 'v1.0.0': sha, 'v2.0.0': OTHER },
      releases: [],
      dates: { [sha]: '2026-01-02T03:04:05Z' },
      ...over,
    },
    [
      { token: 's3cret', contents: 'read' },
      { token: 'blind', contents: 'none' },
      { token: 'stranger', contents: 'elsewhere' },
    ],
  );
  servers.push({ close: () => server[Symbol.asyncDispose]() });
  return server;
}

const at = ({ url }: RepositoryApi, env: Record<string, string> = {}) => ({
  GITHUB_API_URL: url.replace(/\/$/, ''),
  ...env,
});

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
    expect(state.tags).toEqual({ known: true, value: ['v1.0.0', 'v1.2.0'] });
  });

  test('without a checkout has the date of the event, if that is about this commit', async () => {
    const head = { id: sha, timestamp: '2026-11-24T08:00:00+01:00' };
    const of = (head_commit: object) => gitStateOf(jobWith({}, { repository, head_commit }, tmpdir()));
    expect((await of(head)).commitTime).toEqual(new Date('2026-11-24T07:00:00Z'));
    expect((await of({ ...head, id: '0'.repeat(40) })).commitTime).toBeUndefined();
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

describe('facts that neither the event nor the checkout contain', () => {
  test('is requested from GitHub with the token', async () => {
    const github = await api({ description: 'An app', license: 'MIT' });
    const job = jobWith(at(github, { GITHUB_REF: 'refs/tags/v1.0.0' }), {}, tmpdir());
    expect(await gitStateOf(job, 's3cret')).toMatchObject({
      defaultBranch: 'trunk',
      commitTime: new Date('2026-01-02T03:04:05Z'),
      head: { known: true, value: sha },
      tags: { known: true, value: ['v1.0.0', 'v2.0.0'] },
      release: { known: true, value: 'none' },
      about: { description: 'An app', license: 'MIT' },
    });
  });

  test('is not known, and the state says why, when GitHub does not answer', async () => {
    const job = jobWith(
      { GITHUB_API_URL: 'http://127.0.0.1:9', GITHUB_REF: 'refs/tags/v1.0.0' },
      { repository },
      tmpdir(),
    );
    expect(await gitStateOf(job, 's3cret')).toMatchObject({
      head: { known: false, why: 'GitHub did not respond' },
      tags: { known: false, why: 'there is no checkout of this commit and GitHub did not respond' },
      release: { known: false },
    });
    expect(notices).toContainEqual(expect.stringMatching(/^GitHub did not return the tags of acme\/app: /));
  });

  test('is not known without a token', async () => {
    const state = await gitStateOf(jobWith({ GITHUB_REF: 'refs/tags/v1.0.0' }, { repository }, tmpdir()));
    expect(state.tags).toEqual({
      known: false,
      why: 'there is no checkout of this commit and no GitHub token is set',
    });
    expect(state.head).toEqual({ known: false, why: 'no GitHub token is set' });
    expect(notices).toEqual([]);
  });

  test('is an error for the default branch, which decides what is published', async () => {
    await expect(gitStateOf(jobWith({}))).rejects.toThrow(/does not name the default branch/);
  });

  test('is the branch itself on a schedule, which runs on the default branch only', async () => {
    const state = await gitStateOf(jobWith({ GITHUB_EVENT_NAME: 'schedule' }, { schedule: '0 4 * * *' }));
    expect(state.defaultBranch).toBe('main');
  });
});

describe('where the ref points now', () => {
  const headAt = async (over: Partial<RepositoryState>, env: Record<string, string> = {}, token = 's3cret') =>
    (await gitStateOf(jobWith(at(await api(over), env), { repository }), token)).head;

  test.each<[string, Partial<RepositoryState>, Record<string, string>, unknown]>([
    ['a branch that is here', {}, {}, { known: true, value: '' }],
    ['a branch that has moved on', { branches: { main: OTHER } }, {}, { known: true, value: OTHER }],
    ['a branch that is gone', { branches: {} }, {}, { known: true, value: undefined }],
    [
      'a branch with a slash',
      { branches: { 'feat/x': OTHER } },
      { GITHUB_REF: 'refs/heads/feat/x' },
      { known: true, value: OTHER },
    ],
    [
      'an annotated git tag, by its commit',
      { tags: { 'v1.0.0': { annotated: OTHER } } },
      { GITHUB_REF: 'refs/tags/v1.0.0' },
      { known: true, value: OTHER },
    ],
  ])('%s', async (_, over, env, head) => {
    // A test's table is created before the repository.
    const own = JSON.parse(JSON.stringify(head), (_key, value) => (value === '' ? sha : value));
    const found = await headAt(over, env);
    expect(found).toEqual('value' in (head as object) ? { value: undefined, ...own } : own);
  });

  test.each([
    ['stranger', 404],
    ['blind', 403],
    ['made-up', 401],
  ])('is not known to the token %s of a private repository (HTTP %i)', async (token, status) => {
    expect(await headAt({ private: true }, {}, token)).toEqual({
      known: false,
      why: `GitHub responded with HTTP ${status}`,
    });
  });

  test('is not requested for a pull request or a build', async () => {
    const github = await api();
    const pull = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' };
    const event = { repository, pull_request: { number: 7, head: { repo: { full_name: 'acme/app' } } } };
    await gitStateOf(jobWith(at(github, pull), event), 's3cret');
    await gitStateOf(jobWith(at(github), { repository }), 's3cret', 'commit');
    expect(github.answers).toEqual([]);
  });
});

describe('the tags of the repository', () => {
  const env = { GITHUB_REF: 'refs/tags/v1.2.0' };

  test('are those of GitHub before those of the checkout', async () => {
    const github = await api({ tags: { 'v1.2.0': sha, 'v9.0.0': OTHER } });
    const state = await gitStateOf(jobWith(at(github, env), { repository }), 's3cret');
    expect(state.tags).toEqual({ known: true, value: ['v1.2.0', 'v9.0.0'] });
  });

  test('are those of a whole checkout where GitHub does not show its own', async () => {
    const github = await api({ private: true });
    const state = await gitStateOf(jobWith(at(github, env), { repository }), 'blind');
    expect(state.tags).toEqual({ known: true, value: ['v1.0.0', 'v1.2.0'] });
  });

  test('are not known to a shallow checkout, to one of another commit, and to one without tags', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shallow-'));
    const clone = async (...argv: string[]) => {
      await rm(folder, { recursive: true });
      git('clone', '-q', ...argv, `file://${workspace}`, folder);
      return (await gitStateOf(jobWith(env, { repository }, folder))).tags;
    };
    expect(await clone('--depth=1', '--branch=v1.2.0')).toMatchObject({
      known: false,
      why: expect.stringContaining('the checkout is shallow'),
    });
    expect(await clone('--no-tags')).toMatchObject({ known: false, why: expect.stringContaining('has no tags') });
    await rm(folder, { recursive: true });
    const stale = await gitStateOf(jobWith({ ...env, GITHUB_SHA: OTHER }, { repository }));
    expect(stale.tags).toMatchObject({
      known: false,
      why: expect.stringContaining('there is no checkout of this commit'),
    });
  });
});

describe('the release of a git tag', () => {
  const env = { GITHUB_REF: 'refs/tags/v1.0.0' };
  const releaseOf = async (over: Partial<RepositoryState>, token = 's3cret') =>
    (await gitStateOf(jobWith(at(await api(over), env), { repository }), token)).release;

  test.each<[string, Partial<RepositoryState>, string, unknown]>([
    [
      'a pre-release',
      { releases: [{ tag: 'v1.0.0', prerelease: true }] },
      's3cret',
      { known: true, value: 'pre-release' },
    ],
    ['a stable one', { releases: [{ tag: 'v1.0.0' }] }, 's3cret', { known: true, value: 'stable' }],
    ['none', { releases: [{ tag: 'v2.0.0', prerelease: true }] }, 's3cret', { known: true, value: 'none' }],
    [
      'a draft, which GitHub does not show',
      { releases: [{ tag: 'v1.0.0', draft: true }] },
      's3cret',
      { known: true, value: 'none' },
    ],
    [
      'nobody knows, where the token sees no repository: a 404 says nothing then',
      { private: true, releases: [{ tag: 'v1.0.0', prerelease: true }] },
      'stranger',
      { known: false, why: 'GitHub responded with HTTP 404' },
    ],
  ])('%s', async (_, over, token, release) => expect(await releaseOf(over, token)).toEqual(release));

  test('is what the event says of it', async () => {
    const event = (prerelease: unknown) => ({ repository, action: 'published', release: { prerelease } });
    const of = (prerelease: unknown) =>
      gitStateOf(jobWith({ ...env, GITHUB_EVENT_NAME: 'release' }, event(prerelease)));
    expect(await of(true)).toMatchObject({
      event: { action: 'published' },
      release: { known: true, value: 'pre-release' },
    });
    expect((await of(false)).release).toEqual({ known: true, value: 'stable' });
    expect((await of(undefined)).release).toMatchObject({ known: false });
  });
});

describe("the repository's facts in the event", () => {
  const aboutOf = async (over: object) =>
    (await gitStateOf(jobWith({}, { repository: { default_branch: 'main', ...over } }))).about;

  test.each<[string, object, object]>([
    [
      'description and licence',
      { description: 'An app', license: { spdx_id: 'MIT' } },
      { description: 'An app', license: 'MIT' },
    ],
    ['neither', { description: null, license: null }, {}],
    ['a licence that GitHub does not recognise', { license: { spdx_id: 'NOASSERTION' } }, {}],
    ['a licence that is none', { license: { spdx_id: 'MIT\nx=y' } }, {}],
    ['line ends and control characters', { description: ' a\nb\u0000\u202ec ' }, { description: 'a b c' }],
  ])('%s', async (_, over, about) => expect(await aboutOf(over)).toEqual(about));
});

test.each([
  ['3', 3],
  ['1', 1],
  ['', 1],
  ['0', 1],
  ['x', 1],
])('attempt %j is number %i', async (text, attempt) => {
  expect((await gitStateOf(jobWith({ GITHUB_RUN_ATTEMPT: text }, { repository }))).attempt).toBe(attempt);
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
