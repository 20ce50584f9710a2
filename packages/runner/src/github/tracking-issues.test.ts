/** One issue for each image, with the stand-in that issues.test.ts of the testkit holds against GitHub's documentation. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRedactor, type TrackingIssue } from '@tidegate/core';
import { ACTIONS_BOT, type IssuesApi, type IssuesState, startIssuesApi } from '@tidegate/testkit';
import type { Job } from '../job.ts';
import { closeGitHubs, gitHub } from './fake-github.fixture.ts';
import { trackingIssues } from './tracking-issues.ts';

const PERSON = { login: 'octocat', id: 583_231, type: 'User' } as const;
const OTHER_BOT = { login: 'helper[bot]', id: 99, type: 'Bot' } as const;
const TOKENS = [
  { token: 'writer', user: ACTIONS_BOT, issues: 'write' },
  { token: 'reader', user: ACTIONS_BOT, issues: 'read' },
] as const;
const IMAGE = 'ghcr.io/acme/app:1';
const MARKER = `<!-- tidegate-image: ${encodeURIComponent(IMAGE)} `;
const textOf = (fingerprint: string, text: string) =>
  `${MARKER}${fingerprint} -->\n${text}\n${MARKER}${fingerprint} -->`;
const FAILS: TrackingIssue = {
  ...{ image: IMAGE, isOpen: true, title: `${IMAGE}: no longer passes the gate`, body: 'fix it' },
  ...{ closing: 'It passes now.', fingerprint: 'aa' },
};
const PASSES: TrackingIssue = {
  ...FAILS,
  isOpen: false,
  title: `${IMAGE}: passes the gate`,
  body: 'ok',
  fingerprint: 'bb',
};

let api: IssuesApi;
let state: IssuesState;
let job: Job;
let warnings: string[];

async function start(over: Partial<IssuesState> = {}) {
  await api?.[Symbol.asyncDispose]();
  state = { repository: 'acme/app', users: [PERSON, OTHER_BOT], ...over };
  api = await startIssuesApi(state, TOKENS);
  const fake = await gitHub(() => [500, {}]);
  warnings = fake.warnings;
  job = { ...fake.job, env: { ...fake.job.env, GITHUB_API_URL: api.url.replace(/\/$/, '') } };
}

beforeEach(() => start());
afterEach(async () => {
  closeGitHubs();
  await api[Symbol.asyncDispose]();
});

/** Each in a run of its own. */
async function nights(...issues: readonly TrackingIssue[]) {
  const results: boolean[] = [];
  for (const issue of issues) results.push(await trackingIssues(job, 'writer').update(issue));
  return results;
}

const written = () => api.requests.filter((one) => /^(PATCH|POST) \/repos/.test(one));

test('is opened, left alone while nothing changes, updated, closed with a comment, and opened again', async () => {
  expect(await nights(FAILS, FAILS)).toEqual([true, true]);
  expect(api.issues).toMatchObject([{ state: 'open', title: FAILS.title, body: textOf('aa', 'fix it') }]);
  expect(written()).toHaveLength(1);
  await nights({ ...FAILS, body: 'fix more', fingerprint: 'cc' });
  expect(api.issues).toMatchObject([{ state: 'open', body: textOf('cc', 'fix more') }]);
  await nights(PASSES, PASSES);
  expect(api.issues).toMatchObject([
    { state: 'closed', stateReason: 'completed', comments: [{ body: 'It passes now.' }] },
  ]);
  expect(written()).toHaveLength(4);
  await nights(FAILS);
  expect(api.issues).toMatchObject([{ state: 'open', stateReason: 'reopened', body: textOf('aa', 'fix it') }]);
  expect(api.issues).toHaveLength(1);
  expect(warnings).toEqual([]);
});

test('of an image that passes is not opened to say so', async () => {
  await nights(PASSES);
  expect(written()).toEqual([]);
});

test('that a person closed stays closed until something changes', async () => {
  await nights(FAILS);
  Object.assign(api.issues[0] ?? {}, { state: 'closed', stateReason: 'not_planned' });
  await nights(FAILS);
  expect(api.issues[0]?.state).toBe('closed');
  await nights({ ...FAILS, fingerprint: 'cc' });
  expect(api.issues[0]?.state).toBe('open');
});

test.each([
  ['a person', PERSON],
  ['another bot', OTHER_BOT],
])('with the marker of %s is not touched', async (_, user) => {
  const foreign = api.add({ user, body: textOf('dd', 'not ours') });
  await nights(FAILS);
  expect(foreign).toMatchObject({ state: 'open', body: textOf('dd', 'not ours'), comments: [] });
  expect(api.issues).toMatchObject([{ user }, { user: ACTIONS_BOT, body: textOf('aa', 'fix it') }]);
});

// A name that its owner gave up can be registered by anyone.
test.each([
  ['another author', PERSON],
  ['somebody who got the name of our author', { ...PERSON, login: ACTIONS_BOT.login }],
])('of %s is not touched even if GitHub lists it as ours', async (_, user) => {
  const foreign = { number: 3, title: '', body: textOf('dd', ''), state: 'open', locked: false, user };
  const { asked, job: other } = await gitHub((method, path) => {
    if (path === '/graphql')
      return [200, { data: { viewer: { login: ACTIONS_BOT.login, databaseId: ACTIONS_BOT.id } } }];
    return method === 'GET' ? [200, [foreign]] : [201, { number: 4, html_url: '' }];
  });
  expect(await trackingIssues(other, 'writer').update(FAILS)).toBe(true);
  expect(asked.map(({ method, path }) => `${method} ${path}`).at(-1)).toBe('POST /repos/acme/app/issues');
});

test.each([
  ['in a pull request', { isPullRequest: true, body: textOf('dd', '') }],
  ['with other text behind it', { body: `${textOf('dd', 'x')}\n\nPosted for octocat.` }],
  ['behind other text', { body: `quoted:\n${textOf('dd', '')}` }],
  ['without a body', { body: null }],
])('is not taken for one %s', async (_, other) => {
  const foreign = api.add({ user: ACTIONS_BOT, ...other });
  await nights(PASSES);
  expect(foreign.state).toBe('open');
});

test('is found among hundreds, and the oldest of two counts', async () => {
  for (let at = 0; at < 250; at += 1) api.add({ user: ACTIONS_BOT, state: 'closed' });
  for (let at = 0; at < 2; at += 1) api.add({ user: ACTIONS_BOT, body: textOf('dd', '') });
  await nights(FAILS);
  expect(api.issues).toHaveLength(252);
  expect(api.issues[250]?.body).toBe(textOf('aa', 'fix it'));
  expect(api.issues[251]?.body).toBe(textOf('dd', ''));
});

test('of several images needs one search', async () => {
  const issues = trackingIssues(job, 'writer');
  await issues.update(FAILS);
  await issues.update({ ...FAILS, image: 'ghcr.io/acme/other' });
  await issues.update({ ...FAILS, fingerprint: 'ee' });
  expect(api.issues).toHaveLength(2);
  expect(api.requests.filter((one) => one.startsWith('GET'))).toHaveLength(1);
});

test('holds no secret', async () => {
  const redactor = createRedactor();
  redactor.add('p@ss/w0rd+x');
  job = { ...job, redacted: (value) => redactor.redactAll(value) };
  await nights({ ...FAILS, body: 'a p\\@ss/w0rd\\+x', title: 'p@ss/w0rd+x' });
  expect(api.issues).toMatchObject([{ title: '***', body: textOf('aa', 'a ***') }]);
});

describe('what GitHub rejects is a warning:', () => {
  test('a token without issues: write', async () => {
    expect(await trackingIssues(job, 'reader').update(FAILS)).toBe(false);
    expect(warnings).toEqual([expect.stringMatching(/not accessible by integration.*issues: write/s)]);
  });

  test('no token', async () => {
    expect(await trackingIssues(job, '').update(FAILS)).toBe(false);
    expect(warnings).toEqual([expect.stringContaining('there is no token')]);
  });

  test('a repository without issues', async () => {
    await start({ isEnabled: false });
    expect(await nights(FAILS)).toEqual([false]);
    expect(warnings).toEqual([
      'The tracking issue was not updated: Issues are disabled in this repository. Enable issues in the settings of the repository, or set tracking-issues to none.',
    ]);
  });

  test('a locked issue', async () => {
    await nights(FAILS);
    Object.assign(api.issues[0] ?? {}, { locked: true });
    expect(await nights(PASSES)).toEqual([false]);
    expect(warnings).toEqual([expect.stringContaining('Issue 1 is locked. Unlock the issue')]);
  });

  test('more issues than can be searched', async () => {
    for (let at = 0; at < 5000; at += 1) api.add({ user: ACTIONS_BOT });
    expect(await nights(FAILS)).toEqual([false]);
    expect(warnings).toEqual([expect.stringContaining('more than 5000 issues')]);
    expect(api.issues).toHaveLength(5000);
  });
});

test('a secondary rate limit delays an issue, and loses none', async () => {
  await start({ limitAfter: 1 });
  const issues = trackingIssues(job, 'writer');
  expect(await issues.update(FAILS)).toBe(true);
  const before = Date.now();
  expect(await issues.update({ ...FAILS, image: 'ghcr.io/acme/other' })).toBe(true);
  expect(Date.now() - before).toBeGreaterThanOrEqual(1000);
  expect(api.issues).toHaveLength(2);
});
