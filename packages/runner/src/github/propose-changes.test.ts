import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type GitDatabase, type GitToken, startGitDatabase } from '@tidegate/testkit';
import type { Job } from '../job.ts';
import { readNetwork } from '../network/network.ts';
import { type ProposedChange, proposeChanges } from './propose-changes.ts';

const WRITER: GitToken = { contents: 'write', pulls: 'write' };
let api: GitDatabase;
let base: string;
const open = async (options: Partial<Parameters<typeof startGitDatabase>[0]> = {}) => {
  api = await startGitDatabase({ repository: 'acme/app', tokens: { writer: WRITER }, ...options });
  base = api.commit('main', { 'deploy/app.yaml': 'image: a\r\n', 'deploy/run.sh*': 'run a\n', README: 'r\n' });
};
beforeEach(() => open());
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

const job = () =>
  ({
    redacted: <T>(value: T) => value,
    signal: new AbortController().signal,
    network: readNetwork({}),
    env: { GITHUB_API_URL: api.url.replace(/\/$/, ''), GITHUB_REPOSITORY: 'acme/app' },
  }) as Partial<Job> as Job;

const change = (image: string, more: Partial<ProposedChange> = {}): ProposedChange => ({
  ...{ branch: 'tidegate/pin', base: 'main', commit: base, title: 'Pin images', body: `Pins ${image}.` },
  files: [
    { path: 'deploy/app.yaml', before: Buffer.from('image: a\r\n'), after: Buffer.from(`image: ${image}\r\n`) },
    { path: 'deploy/run.sh', before: Buffer.from('run a\n'), after: Buffer.from(`run ${image}\n`) },
  ],
  ...more,
});
const propose = (image: string, more?: Partial<ProposedChange>, token = 'writer') =>
  proposeChanges(job(), token, change(image, more));

test('a change is one commit on a branch of its own, and one pull request', async () => {
  expect(await propose('b')).toEqual({ number: 1, url: 'https://github.com/acme/app/pull/1', did: 'opened' });
  expect(api.filesOf(api.branches.get('tidegate/pin') ?? '')).toEqual({
    ...{ 'deploy/app.yaml': 'image: b\r\n', 'deploy/run.sh*': 'run b\n', README: 'r\n' },
  });
  expect(api.branches.get('main')).toBe(base);
});

test('the same change again changes nothing', async () => {
  await propose('b');
  const head = api.branches.get('tidegate/pin');
  expect(await propose('b')).toMatchObject({ number: 1, did: 'kept' });
  expect(api.branches.get('tidegate/pin')).toBe(head);
  expect(api.requests.filter((one) => /^(?:POST git\/(?:commits|refs)|PATCH|POST pulls)/.test(one))).toHaveLength(3);
});

test('another change updates the same pull request, also on a newer commit of the base', async () => {
  await propose('b');
  expect(await propose('c')).toMatchObject({ number: 1, did: 'updated' });
  expect(api.pulls).toMatchObject([{ body: 'Pins c.' }]);
  base = api.commit('main', { 'deploy/app.yaml': 'image: a\r\n', 'deploy/run.sh*': 'run a\n', more: 'm\n' });
  expect(await propose('c')).toMatchObject({ number: 1, did: 'updated' });
  expect(api.filesOf(api.branches.get('tidegate/pin') ?? '')).toHaveProperty('more');
  expect(api.pulls).toHaveLength(1);
});

test('a closed pull request stays closed, and another is opened', async () => {
  await propose('b');
  for (const pull of api.pulls) pull.state = 'closed';
  expect(await propose('c')).toMatchObject({ number: 2, did: 'opened' });
});

test('a long text is cut', async () => {
  await propose('b', { body: 'x'.repeat(70_000) });
  expect(api.pulls[0]?.body.length).toBeLessThan(65_536);
});

describe('nothing is changed', () => {
  test.each<[string, Partial<ProposedChange>, string]>([
    [
      'if a file differs from the commit',
      { files: [{ path: 'README', before: Buffer.from('x'), after: Buffer.from('y') }] },
      'README differs from the commit',
    ],
    [
      'for a file that is not committed',
      { files: [{ path: 'deploy/new', before: Buffer.of(), after: Buffer.of() }] },
      'deploy/new is no file of the commit',
    ],
    [
      'for a folder',
      { files: [{ path: 'deploy', before: Buffer.of(), after: Buffer.of() }] },
      'deploy is no file of the commit',
    ],
    [
      'for a path below a file',
      { files: [{ path: 'README/a', before: Buffer.of(), after: Buffer.of() }] },
      'README/a is no file',
    ],
  ])('%s', async (_, more, message) => {
    await expect(propose('b', more)).rejects.toMatchObject({
      id: 'pull-request-outdated',
      message: expect.stringContaining(message),
    });
    expect([...api.branches.keys()]).toEqual(['main']);
  });

  test('if the branch has a commit of somebody else', async () => {
    await propose('b');
    const theirs = api.commit('tidegate/pin', { mine: 'm' }, 'Fix the pin');
    await expect(propose('c')).rejects.toMatchObject({ id: 'pull-request-branch-taken' });
    expect(api.branches.get('tidegate/pin')).toBe(theirs);
  });

  test('if somebody else quotes the trailer', async () => {
    await propose('b');
    const theirs = api.commit('tidegate/pin', { mine: 'm' }, 'Undo "Proposed-by: tidegate"');
    await expect(propose('c')).rejects.toMatchObject({ id: 'pull-request-branch-taken' });
    expect(api.branches.get('tidegate/pin')).toBe(theirs);
  });

  test('if somebody else amended the commit, and kept its message', async () => {
    await propose('b');
    const theirs = api.amend('tidegate/pin', { mine: 'm' });
    expect(api.messageOf(theirs)).toMatch(/\n\nProposed-tree: [0-9a-f]{40}\nProposed-by: tidegate\n$/);
    await expect(propose('c')).rejects.toMatchObject({ id: 'pull-request-branch-taken' });
    expect(api.branches.get('tidegate/pin')).toBe(theirs);
  });

  test('if the branch is the base, whose last commit is a merged proposal', async () => {
    const files = { 'deploy/app.yaml': 'image: a\r\n', 'deploy/run.sh*': 'run a\n' };
    base = api.commit('main', files, 'Pin images (#1)\n\nProposed-by: tidegate');
    await expect(propose('c', { branch: 'main' })).rejects.toMatchObject({ id: 'pull-request-branch-taken' });
    expect(api.branches.get('main')).toBe(base);
  });

  test.each<[string, GitToken, boolean, string]>([
    ['without contents: write', { contents: 'read', pulls: 'write' }, true, 'Resource not accessible'],
    ['without pull-requests: write', { contents: 'write', pulls: 'none' }, true, 'Resource not accessible'],
    ['if Actions may not open pull requests', WRITER, false, 'GitHub Actions is not permitted'],
  ])('%s', async (_, token, actionsMayOpenPulls, message) => {
    await api[Symbol.asyncDispose]();
    await open({ tokens: { writer: token }, actionsMayOpenPulls });
    await expect(propose('b')).rejects.toMatchObject({
      id: 'pull-request-denied',
      message: expect.stringContaining(message),
    });
    expect(api.pulls).toEqual([]);
  });

  test('without a token, or with one that GitHub does not know', async () => {
    await expect(propose('b', {}, '')).rejects.toMatchObject({ id: 'pull-request-denied' });
    await expect(propose('b', {}, 'other')).rejects.toMatchObject({ id: 'pull-request-denied' });
    expect(api.requests.filter((one) => one.startsWith('POST'))).toEqual([]);
  });

  test('if the base does not exist', () =>
    expect(propose('b', { base: 'gone' })).rejects.toMatchObject({
      id: 'pull-request-denied',
      next: expect.stringContaining('gone'),
    }));
});

describe('another run at the same time', () => {
  /** Act as the other run when this request arrives next, after the returned function was called. */
  const withOther = async (request: RegExp, act: () => void) => {
    await api[Symbol.asyncDispose]();
    let isArmed = false;
    const onRequest = (one: string) => {
      if (!isArmed || !request.test(one)) return;
      isArmed = false;
      act();
    };
    await open({ onRequest });
    return () => {
      isArmed = true;
    };
  };
  const OURS = { 'deploy/app.yaml': 'image: c\r\n', 'deploy/run.sh*': 'run c\n', README: 'r\n' };

  test('that moved the branch wins, and this one fails', async () => {
    const arm = await withOther(/^POST git\/commits/, () => api.commit('tidegate/pin', { theirs: 't' }));
    await propose('b');
    arm();
    await expect(propose('c')).rejects.toMatchObject({ id: 'pull-request-branch-moved' });
    expect(api.filesOf(api.branches.get('tidegate/pin') ?? '')).toEqual({ theirs: 't' });
  });

  test('that created the branch wins, and this one fails', async () => {
    const arm = await withOther(/^POST git\/refs/, () => api.commit('tidegate/pin', { theirs: 't' }));
    arm();
    await expect(propose('b')).rejects.toMatchObject({ id: 'pull-request-branch-moved' });
    expect(api.filesOf(api.branches.get('tidegate/pin') ?? '')).toEqual({ theirs: 't' });
    expect(api.pulls).toEqual([]);
  });

  test.each([/^POST git\/commits/, /^POST git\/refs/])('with the same change (%s) is no conflict', async (request) => {
    const arm = await withOther(request, () => {
      api.branches.set('tidegate/pin', base);
      api.commit('tidegate/pin', OURS);
    });
    arm();
    expect(await propose('c')).toMatchObject({ number: 1, did: 'opened' });
    expect(api.filesOf(api.branches.get('tidegate/pin') ?? '')).toEqual(OURS);
  });

  test('that opened the pull request first is no conflict', async () => {
    const other = { number: 1, title: 'Pin images', body: 'old', state: 'open' as const, head: 'tidegate/pin' };
    const arm = await withOther(/^POST pulls/, () => api.pulls.push({ ...other, base: 'main' }));
    arm();
    expect(await propose('b')).toMatchObject({ number: 1, did: 'updated' });
    expect(api.pulls).toMatchObject([{ body: 'Pins b.' }]);
  });
});
