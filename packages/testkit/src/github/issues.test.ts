import { afterEach, expect, test } from '@jest/globals';
import { ACTIONS_BOT, type IssuesApi, type IssuesState, startIssuesApi } from './issues.ts';

const PERSON = { login: 'octocat', id: 583_231, type: 'User' } as const;
const TOKENS = [
  { token: 'writer', user: ACTIONS_BOT, issues: 'write' },
  { token: 'reader', user: ACTIONS_BOT, issues: 'read' },
  { token: 'none', user: ACTIONS_BOT, issues: 'none' },
  { token: 'person', user: PERSON, issues: 'write' },
] as const;
const open: IssuesApi[] = [];

afterEach(async () => {
  for (const api of open.splice(0)) await api[Symbol.asyncDispose]();
});

async function started(state: Partial<IssuesState> = {}) {
  const api = await startIssuesApi({ repository: 'acme/app', ...state }, TOKENS);
  open.push(api);
  return async (method: string, path: string, body?: unknown, token = 'writer') => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: { authorization: `token ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { headers, status } = response;
    // biome-ignore lint/suspicious/noExplicitAny: what a server sent
    const answer: any = await response.json();
    return { status, headers, body: answer, api };
  };
}

const ISSUES = 'repos/acme/app/issues';

// docs.github.com/rest/users/users#get-the-authenticated-user does not work with installation access tokens;
// renovatebot/renovate, lib/modules/platform/github/user.ts, reads the viewer of an app's token with GraphQL.
test('the token of a job may not read its user with REST, and may with GraphQL', async () => {
  const ask = await started();
  expect(await ask('GET', 'user')).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining('integration') },
  });
  const query = 'query { viewer { login databaseId } }';
  const answer = await ask('POST', 'graphql', { query });
  expect(answer.body).toEqual({ data: { viewer: { login: 'github-actions[bot]', databaseId: 41_898_282 } } });
  expect((await ask('GET', 'user', undefined, 'person')).body).toMatchObject({ login: 'octocat' });
  expect((await ask('POST', 'graphql', { query }, 'made-up')).status).toBe(401);
});

// docs.github.com/rest/issues/issues#create-an-issue: 201, 403, 410 "if issues are disabled in the repository", 422.
test('an issue needs issues: write, a title, and a repository with issues', async () => {
  const ask = await started();
  expect(await ask('POST', ISSUES, { title: 'a' })).toMatchObject({ status: 201, body: { number: 1, state: 'open' } });
  expect((await ask('POST', ISSUES, { title: 'a' }, 'reader')).status).toBe(403);
  expect((await ask('GET', ISSUES, undefined, 'none')).status).toBe(403);
  expect((await ask('POST', ISSUES, { title: ' ' })).status).toBe(422);
  expect((await ask('POST', ISSUES, { title: 'x'.repeat(257) })).status).toBe(422);
  // "body is too long (maximum is 65536 characters)".
  expect((await ask('POST', ISSUES, { title: 'a', body: 'x'.repeat(65_537) })).status).toBe(422);
  const closed = await started({ isEnabled: false });
  expect((await closed('POST', ISSUES, { title: 'a' })).status).toBe(410);
  expect((await closed('GET', `${ISSUES}?state=all`)).body).toEqual([]);
});

// docs.github.com/rest/issues/issues#list-repository-issues: `state` is open by default, 30 per page and at most 100,
// newest first; "every pull request is an issue", with the key pull_request; 422 for an unknown creator.
test('a list has pages, the state and the author that were asked for, and pull requests', async () => {
  const ask = await started({ users: [PERSON] });
  const { api } = await ask('GET', ISSUES);
  for (let at = 0; at < 120; at += 1) api.add({ user: at === 3 ? PERSON : ACTIONS_BOT, isPullRequest: at === 5 });
  api.add({ user: ACTIONS_BOT, state: 'closed' });
  const first = await ask('GET', `${ISSUES}?per_page=500`);
  expect(first.body).toHaveLength(100);
  expect(first.body[0].number).toBe(120);
  expect(first.headers.get('link')).toContain('page=2>; rel="next"');
  const second = await ask('GET', `${ISSUES}?per_page=100&page=2&direction=asc&state=all`);
  expect(second.body.map(({ number }: { number: number }) => number)).toEqual(
    Array.from({ length: 21 }, (_, at) => 101 + at),
  );
  expect((await ask('GET', ISSUES)).body).toHaveLength(30);
  expect((await ask('GET', `${ISSUES}?creator=octocat`)).body).toMatchObject([{ number: 4 }]);
  const bots = await ask('GET', `${ISSUES}?creator=github-actions%5Bbot%5D&direction=asc`);
  expect(bots.body[4]).toMatchObject({ number: 6, pull_request: expect.anything() });
  expect((await ask('GET', `${ISSUES}?creator=nobody`)).status).toBe(422);
});

// docs.github.com/rest/issues/issues#update-an-issue: `state_reason` is completed, not_planned, duplicate or reopened.
test('an issue is changed, closed and opened again', async () => {
  const ask = await started();
  await ask('POST', ISSUES, { title: 'a' });
  const closed = await ask('PATCH', `${ISSUES}/1`, { state: 'closed', state_reason: 'not_planned', body: 'b' });
  expect(closed.body).toMatchObject({ state: 'closed', state_reason: 'not_planned', body: 'b', title: 'a' });
  expect((await ask('PATCH', `${ISSUES}/1`, { state: 'open' })).body).toMatchObject({ state_reason: 'reopened' });
  expect((await ask('PATCH', `${ISSUES}/1`, { state: 'open', state_reason: 'fixed' })).status).toBe(422);
  expect((await ask('PATCH', `${ISSUES}/2`, { state: 'open' })).status).toBe(404);
});

// upptime/uptime-monitor#189: a workflow's token neither comments on a locked issue nor closes it.
test('a locked issue takes neither comments nor changes of a workflow', async () => {
  const ask = await started();
  const { api } = await ask('GET', ISSUES);
  api.add({ user: ACTIONS_BOT, locked: true });
  expect(await ask('POST', `${ISSUES}/1/comments`, { body: 'a' })).toMatchObject({
    ...{ status: 403, body: { message: 'Unable to create comment because issue is locked.' } },
  });
  expect((await ask('PATCH', `${ISSUES}/1`, { state: 'closed' })).status).toBe(403);
});

// docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits: 403 or 429, mostly
// with retry-after.
test('too much content at once is rejected for a time', async () => {
  const ask = await started({ limitAfter: 1 });
  await ask('POST', ISSUES, { title: 'a' });
  const limited = await ask('POST', ISSUES, { title: 'b' });
  expect(limited).toMatchObject({ status: 403, body: { message: expect.stringContaining('secondary rate limit') } });
  expect(limited.headers.get('retry-after')).toBe('1');
  expect((await ask('POST', ISSUES, { title: 'b' })).status).toBe(201);
});
