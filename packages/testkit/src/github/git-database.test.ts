import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type GitDatabase, startGitDatabase } from './git-database.ts';

const tokens = {
  writer: { contents: 'write', pulls: 'write' },
  reader: { contents: 'read', pulls: 'read' },
  blind: { contents: 'none', pulls: 'none' },
} as const;
let api: GitDatabase;
let base: string;
beforeEach(async () => {
  api = await startGitDatabase({ repository: 'acme/app', tokens });
  base = api.commit('main', { 'a.yaml': 'a: 1\n', 'run.sh*': '#!/bin/sh\n' });
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

async function ask(method: string, path: string, body?: unknown, token: string | undefined = 'writer') {
  const response = await fetch(`${api.url}repos/acme/app/${path}`, {
    method,
    headers: token ? { authorization: `token ${token}` } : {},
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

// git hash-object of the same bytes.
test('objects have the ids of git', async () => {
  const content = Buffer.from('a: 1\n').toString('base64');
  expect(await ask('POST', 'git/blobs', { content, encoding: 'base64' })).toMatchObject({
    body: { sha: 'a8926a52d8dcba5c4386945476ab6a2ad008afd4' },
  });
});

// docs.github.com/rest/authentication/permissions-required-for-github-apps: "Contents" and "Pull requests".
test.each([
  ['a token that nobody gave out', 'made-up', 'GET', 'pulls', 401],
  ['reading without contents: read', 'blind', 'GET', 'git/ref/heads%2Fmain', 403],
  ['reading', 'reader', 'GET', 'git/ref/heads%2Fmain', 200],
  ['writing with contents: read', 'reader', 'POST', 'git/blobs', 403],
  ['opening with pull-requests: read', 'reader', 'POST', 'pulls', 403],
  ['listing without pull-requests: read', 'blind', 'GET', 'pulls', 403],
])('%s', async (_, token, method, path, status) =>
  expect(
    (await ask(method, path, method === 'POST' ? { content: '', encoding: 'utf-8' } : undefined, token)).status,
  ).toBe(status),
);

// docs.github.com/rest/git/refs: "Create a reference", "Update a reference".
test('refs are created once, and moved forwards unless forced', async () => {
  const next = api.commit('other', { 'b.yaml': 'b: 1\n' });
  expect(await ask('POST', 'git/refs', { ref: 'refs/heads/new', sha: base })).toMatchObject({ status: 201 });
  expect(await ask('POST', 'git/refs', { ref: 'refs/heads/new', sha: base })).toMatchObject({
    status: 422,
    body: { message: 'Reference already exists' },
  });
  expect(await ask('PATCH', 'git/refs/heads%2Fnew', { sha: next })).toMatchObject({
    status: 422,
    body: { message: 'Update is not a fast forward' },
  });
  expect((await ask('PATCH', 'git/refs/heads%2Fnew', { sha: next, force: true })).status).toBe(200);
  expect((await ask('PATCH', 'git/refs/heads%2Fgone', { sha: next })).status).toBe(422);
  expect((await ask('GET', 'git/ref/heads%2Fgone')).status).toBe(404);
});

// docs.github.com/rest/pulls/pulls: "Create a pull request", 422 and 403; the messages are those that users report.
test('a pull request needs commits, branches, and is open once', async () => {
  const open = (head: string, into = 'main') => ask('POST', 'pulls', { head, base: into, title: 't', body: 'b' });
  const problem = (message: string) => ({
    status: 422,
    body: { message: 'Validation Failed', errors: [{ message: expect.stringContaining(message) }] },
  });
  expect(await open('gone')).toMatchObject(problem('head invalid'));
  expect(await open('main', 'gone')).toMatchObject(problem('base invalid'));
  await ask('POST', 'git/refs', { ref: 'refs/heads/same', sha: base });
  expect(await open('same')).toMatchObject(problem('No commits between main and same'));
  api.commit('same', { 'a.yaml': 'a: 2\n' });
  expect(await open('same')).toMatchObject({ status: 201, body: { number: 1 } });
  expect(await open('same')).toMatchObject(problem('A pull request already exists for acme:same.'));
});
