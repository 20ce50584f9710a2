/** The comment on a pull request is updated also by the steps before the one that keeps it: a "passed" must not stay. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Loopback, runBundle, serveLoopback } from '@tidegate/testkit';
import { actionsFromSource } from '../support/actions.ts';
import { expectOneClearError } from '../support/clear-error.ts';

const MARKER = '<!-- tidegate: acme%2Fapp -->';
const EARLIER = {
  ...{ id: 5, user: { type: 'Bot', login: 'github-actions[bot]' } },
  body: `${MARKER}\n### ✅ Gate passed: acme/app`,
};
const EVENT = {
  pull_request: { number: 7, head: { repo: { full_name: 'acme/app' } } },
  repository: { full_name: 'acme/app', default_branch: 'main' },
};

let github: Loopback;
let changes: { readonly what: string; readonly body: string }[] = [];
let folder = '';
let actions = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'failure-comment-'));
  if (process.env.TIDEGATE_E2E_FROM_SOURCE === '1') actions = await actionsFromSource(join(folder, 'actions'));
  github = await serveLoopback(async (request, response, { pathname }) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const isList = request.method === 'GET' && pathname === '/repos/acme/app/issues/7/comments';
    if (request.method !== 'GET') {
      changes.push({
        what: `${request.method} ${pathname}`,
        body: JSON.parse(Buffer.concat(chunks).toString()).body,
      });
    }
    response.writeHead(isList || request.method !== 'GET' ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isList ? [EARLIER] : {}));
  });
});
afterAll(async () => {
  await github[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function failing(
  action: 'build-image' | 'lint-source',
  dockerfile: string,
  inputs: Readonly<Record<string, string>>,
) {
  changes = [];
  const workspace = await mkdtemp(join(folder, 'workspace-'));
  const git = (...argv: string[]) => execFileSync('git', argv, { cwd: workspace, encoding: 'utf8' }).trim();
  await writeFile(join(workspace, 'Dockerfile'), dockerfile);
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'Dockerfile');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-m', 'Start');
  const result = await runBundle({
    action: actions ? join(actions, action, 'action.yml') : action,
    inputs: { token: 'ghs_token', ...inputs },
    temp: await mkdtemp(join(folder, 'temp-')),
    workspace,
    ...{ eventName: 'pull_request', event: EVENT },
    env: {
      ...{ GITHUB_REF: 'refs/pull/7/merge', GITHUB_REPOSITORY: 'acme/app', GITHUB_SHA: git('rev-parse', 'HEAD') },
      GITHUB_API_URL: github.url.replace(/\/$/, ''),
    },
  });
  return { message: expectOneClearError(result), changes };
}

const SECRET = 'FROM scratch\nARG DB_PASSWORD=kR7.pq2w\n';

test.each([
  // No stage of the build is reached, as with any other failure of it.
  ['build-image', 'FROM scratch\n', { file: 'missing.Dockerfile' }, 'missing.Dockerfile'],
  ['lint-source', SECRET, { 'buildkit-checks': 'false', hadolint: 'off' }, 'Dockerfile:2 secret-in-image'],
] as const)('%s that fails replaces it', async (action, dockerfile, inputs, says) => {
  const { message, changes: made } = await failing(action, dockerfile, { ...inputs, comment: 'true' });
  expect(message).toContain(says);
  expect(made.map(({ what }) => what)).toEqual(['PATCH /repos/acme/app/issues/comments/5']);
  const body = made[0]?.body.replaceAll('\\', '') ?? '';
  expect(body.startsWith(`${MARKER}\n### ❌ `)).toBe(true);
  expect(body).toContain(says);
  expect(body).toContain('The image was not checked.');
  expect(body).not.toContain('passed');
});

test('no comment is written unless the input asks for it', async () => {
  const { changes: made } = await failing('lint-source', SECRET, { 'buildkit-checks': 'false', hadolint: 'off' });
  expect(made).toEqual([]);
});
