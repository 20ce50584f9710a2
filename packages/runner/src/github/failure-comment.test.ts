import { afterEach, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { defineAction } from '../inputs/schema.ts';
import { commentingFailure } from './failure-comment.ts';
import { closeGitHubs, gitHub } from './fake-github.fixture.ts';

afterEach(closeGitHubs);

const PASSED = {
  ...{ id: 5, user: { type: 'Bot', login: 'github-actions[bot]' } },
  body: '<!-- tidegate: ghcr.io%2Facme%2Fapp -->\n### ✅ Gate passed: ghcr.io/acme/app',
};
const action = defineAction({
  name: 'ship',
  title: 'Tidegate',
  description: 'x',
  branding: { icon: 'anchor', color: 'blue' },
  inputs: {},
  outputs: {},
});
const FAILURE = new TidegateError('dockerfile-missing', 'Dockerfile:4 RUN pip install failed.\nits log', {
  next: 'Pin it.',
});

async function failing(error: Error, { isWanted = true, isReported = false } = {}) {
  const { asked, job } = await gitHub((method) => (method === 'GET' ? [200, [PASSED]] : [200, {}]));
  const commented = { action, image: 'ghcr.io/acme/app', token: 'a token', isWanted, isReported: () => isReported };
  await expect(commentingFailure(commented, job, () => Promise.reject(error))).rejects.toBe(error);
  return asked.filter(({ method }) => method !== 'GET');
}

test('a build that fails replaces an earlier "passed" in the comment, and stays the error of the run', async () => {
  const [update, ...others] = await failing(FAILURE);
  expect(others).toEqual([]);
  expect(update).toMatchObject({ method: 'PATCH', path: '/repos/acme/app/issues/comments/5' });
  const body: string = update?.body.body.replaceAll('\\', '');
  expect(body).toMatch(/^<!-- tidegate: ghcr\.io%2Facme%2Fapp -->\n### ❌ .*: ghcr\.io\/acme\/app\n/);
  expect(body).toContain('Dockerfile:4 RUN pip install failed.\n\n→ Pin it.');
  expect(body).toContain('The image was not checked.');
  expect(body).not.toContain('passed');
  expect(body).not.toContain('its log');
});

test('a failed verdict that the comment has already is left alone; one on the sources is not', async () => {
  const failed = new TidegateError('gate-failed', 'The gate failed.', { next: 'Fix it.' });
  expect(await failing(failed, { isReported: true })).toEqual([]);
  expect(await failing(failed)).toHaveLength(1);
  const [later, ...others] = await failing(FAILURE, { isReported: true });
  expect(others).toEqual([]);
  expect(later?.body.body).toContain('after the check of the image');
});

test('no comment is written unless the input asks for it', async () => {
  expect(await failing(FAILURE, { isWanted: false })).toEqual([]);
});

test('work that succeeds is not commented on', async () => {
  const { asked, job } = await gitHub(() => [200, []]);
  const commented = { action, image: 'app', token: 'a token', isWanted: true, isReported: () => false };
  expect(await commentingFailure(commented, job, async () => 'done')).toBe('done');
  expect(asked).toEqual([]);
});
