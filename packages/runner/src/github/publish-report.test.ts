import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createRedactor } from '@tidegate/core';
import { type Asked, closeGitHubs, gitHub } from './fake-github.fixture.ts';
import { commentOnPullRequest, uploadSarif } from './publish-report.ts';

afterEach(closeGitHubs);

const COMMENTS = '/repos/acme/app/issues/7/comments';
const MARKED = '<!-- tidegate: ghcr.io%2Facme%2Fapp -->\nolder';

describe('code scanning', () => {
  test('gets the log of this commit and ref, packed', async () => {
    const { asked, job } = await gitHub(() => [202, { id: '1' }]);
    expect(await uploadSarif(job, 'a token', '{"version":"2.1.0"}')).toBe(true);
    expect(asked).toMatchObject([
      {
        method: 'POST',
        path: '/repos/acme/app/code-scanning/sarifs',
        authorization: 'token a token',
        body: { commit_sha: 'a'.repeat(40), ref: 'refs/pull/7/merge' },
      },
    ]);
    expect(gunzipSync(Buffer.from(asked[0]?.body.sarif, 'base64')).toString()).toBe('{"version":"2.1.0"}');
  });

  test('that refuses is a warning which names the permission', async () => {
    const { job, warnings } = await gitHub(() => [403, { message: 'Resource not accessible by integration' }]);
    expect(await uploadSarif(job, 'a token', '{}')).toBe(false);
    expect(warnings).toEqual([expect.stringMatching(/not uploaded.*not accessible.*security-events: write/s)]);
  });

  test('without a token is a warning', async () => {
    const { asked, job, warnings } = await gitHub(() => [202, {}]);
    expect(await uploadSarif(job, '', '{}')).toBe(false);
    expect(asked).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('no token')]);
  });
});

describe('the comment on a pull request', () => {
  const writes = (asked: readonly Asked[]) => asked.filter(({ method }) => method !== 'GET');

  test('holds no secret, however its text wrote it', async () => {
    const { asked, job } = await gitHub((method) => (method === 'GET' ? [200, []] : [201, {}]));
    const redactor = createRedactor();
    redactor.add('p@ss/w0rd+x');
    const guarded = { ...job, redacted: <T>(value: T) => redactor.redactAll(value) };
    await commentOnPullRequest(guarded, 'a token', 'ghcr.io/acme/app', 'a p%40ss%2fw0rd%2Bx b p\\@ss/w0rd\\+x');
    expect(writes(asked)[0]?.body.body).toBe('<!-- tidegate: ghcr.io%2Facme%2Fapp -->\na *** b ***');
  });

  test('is made once', async () => {
    const { asked, job } = await gitHub((method) => (method === 'GET' ? [200, []] : [201, {}]));
    expect(await commentOnPullRequest(job, 'a token', 'ghcr.io/acme/app', 'verdict')).toBe(true);
    expect(writes(asked)).toMatchObject([
      { method: 'POST', path: COMMENTS, body: { body: '<!-- tidegate: ghcr.io%2Facme%2Fapp -->\nverdict' } },
    ]);
  });

  test('is updated after that', async () => {
    const bot = { id: 5, body: MARKED, user: { type: 'Bot', login: 'github-actions[bot]' } };
    const { asked, job } = await gitHub((method) => (method === 'GET' ? [200, [bot]] : [200, {}]));
    expect(await commentOnPullRequest(job, 'a token', 'ghcr.io/acme/app', 'verdict')).toBe(true);
    expect(writes(asked)).toMatchObject([{ method: 'PATCH', path: '/repos/acme/app/issues/comments/5' }]);
  });

  test.each([
    ['of somebody else that carries the marker', { body: MARKED, user: { type: 'User', login: 'mallory' } }],
    ['of an account that is gone', { body: MARKED, user: null }],
    ['of the bot about another image', { body: MARKED.replace('app', 'web'), user: { type: 'Bot', login: 'b' } }],
    ['that only quotes the marker', { body: `> ${MARKED}`, user: { type: 'Bot', login: 'b' } }],
  ])('leaves a comment alone %s', async (_, other) => {
    const { asked, job } = await gitHub((method, path) => {
      if (path === '/user') return [403, { message: 'Resource not accessible by integration' }];
      return method === 'GET' ? [200, [{ id: 6, ...other }]] : [201, {}];
    });
    await commentOnPullRequest(job, 'a token', 'ghcr.io/acme/app', 'verdict');
    expect(writes(asked)).toMatchObject([{ method: 'POST', path: COMMENTS }]);
  });

  test("updates what this token's own user wrote", async () => {
    const mine = { id: 8, body: MARKED, user: { type: 'User', login: 'alice' } };
    const { asked, job } = await gitHub((method, path) => {
      if (path === '/user') return [200, { login: 'alice' }];
      return method === 'GET' ? [200, [mine]] : [200, {}];
    });
    await commentOnPullRequest(job, 'a token', 'ghcr.io/acme/app', 'verdict');
    expect(writes(asked)).toMatchObject([{ method: 'PATCH', path: '/repos/acme/app/issues/comments/8' }]);
  });

  test('is not tried where the event is of no pull request', async () => {
    const { asked, job } = await gitHub(() => [200, []]);
    expect(await commentOnPullRequest({ ...job, event: {} }, 'a token', 'ghcr.io/acme/app', 'x')).toBe(false);
    expect(asked).toEqual([]);
  });

  test('is cut where GitHub would refuse it, and says so', async () => {
    const { asked, job } = await gitHub((method) => (method === 'GET' ? [200, []] : [201, {}]));
    await commentOnPullRequest(job, 'a token', 'ghcr.io/acme/app', 'x'.repeat(100_000));
    const { body } = writes(asked)[0]?.body ?? {};
    expect(body.length).toBeLessThanOrEqual(65_536);
    expect(body).toMatch(/The job summary has the full text/);
  });
});
