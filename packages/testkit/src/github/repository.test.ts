import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RepositoryApi, startRepositoryApi } from './repository.ts';

const SHA = '1'.repeat(40);
const OTHER = '2'.repeat(40);
const SHA_ONLY = { accept: 'application/vnd.github.sha' };
const tokens = [
  { token: 'reader', contents: 'read' },
  { token: 'blind', contents: 'none' },
  { token: 'stranger', contents: 'elsewhere' },
] as const;
const state = {
  repository: 'acme/app',
  description: 'An app',
  license: 'MIT',
  branches: { main: SHA, 'feat/x': OTHER },
  tags: { 'v1.0.0': SHA, 'v1.1.0': { annotated: OTHER }, 'app/v1.0.0': SHA },
  releases: [
    { tag: 'v1.0.0', prerelease: true },
    { tag: 'v1.1.0', draft: true },
  ],
  dates: { [SHA]: '2026-11-24T08:00:00Z' },
};
let open: RepositoryApi;
let closed: RepositoryApi;
beforeAll(async () => {
  open = await startRepositoryApi(state, tokens);
  closed = await startRepositoryApi({ ...state, private: true }, tokens);
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
});

async function get(api: RepositoryApi, path: string, token?: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.url}repos/${path}`, {
    headers: { ...headers, ...(token ? { authorization: `token ${token}` } : {}) },
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, body: type.startsWith('application/json') ? JSON.parse(text) : text };
}

// docs.github.com/rest/authentication/authenticating-to-the-rest-api: "401 Unauthorized" and "404 instead of a 403".
test.each([
  ['a token that nobody gave out', () => get(open, 'acme/app', 'made-up'), 401],
  ['a private repository, to a token of another', () => get(closed, 'acme/app', 'stranger'), 404],
  ['a private repository, to nobody', () => get(closed, 'acme/app'), 404],
  // docs.github.com/actions/tutorials/authenticate-with-github_token, "Modifying the permissions": metadata is always
  // read.
  ['a private repository, without contents: read', () => get(closed, 'acme/app', 'blind'), 200],
  ['its refs, without contents: read', () => get(closed, 'acme/app/git/matching-refs/tags', 'blind'), 403],
  ['its releases, without contents: read', () => get(closed, 'acme/app/releases/tags/v1.0.0', 'blind'), 403],
  ['a public repository, without contents: read', () => get(open, 'acme/app/git/matching-refs/tags', 'blind'), 200],
  ['a public repository, to nobody', () => get(open, 'acme/app/git/matching-refs/tags'), 200],
  ['another repository', () => get(open, 'acme/other', 'reader'), 404],
  // "The name is not case sensitive", of owner and repo on every page.
  ['the repository in upper case', () => get(open, 'Acme/App', 'reader'), 200],
])('%s', async (_, ask, status) => expect((await ask()).status).toBe(status));

// docs.github.com/rest/commits/commits#get-a-commit: `heads/BRANCH_NAME`, `tags/TAG_NAME`, the media type sha, 422.
test.each([
  ['heads/main', 200, SHA],
  ['heads%2Ffeat%2Fx', 200, OTHER],
  ['tags%2Fv1.0.0', 200, SHA],
  ['tags%2Fv1.1.0', 200, OTHER],
])('the commit of %s is text', async (ref, status, sha) => {
  const answer = await get(open, `acme/app/commits/${ref}`, 'reader', SHA_ONLY);
  expect(answer).toEqual({ status, type: 'application/vnd.github.sha; charset=utf-8', body: sha });
});

test('of a ref that is not there it is 422, in a repository that is seen', async () => {
  const answer = await get(open, 'acme/app/commits/heads%2Fgone', 'reader', SHA_ONLY);
  expect(answer).toMatchObject({ status: 422, body: { message: 'No commit found for SHA: heads/gone' } });
});

// docs.github.com/rest/git/refs#list-matching-references: refs that start with the name; no match is an empty list.
test('matching references are those that begin so, annotated ones with the object of the tag', async () => {
  const refs = (path: string) => get(open, `acme/app/git/matching-refs/${path}`, 'reader');
  expect((await refs('tags%2F')).body).toEqual([
    { ref: 'refs/tags/v1.0.0', object: { type: 'commit', sha: SHA } },
    { ref: 'refs/tags/v1.1.0', object: { type: 'tag', sha: 'e'.repeat(40) } },
    { ref: 'refs/tags/app/v1.0.0', object: { type: 'commit', sha: SHA } },
  ]);
  expect(await refs('tags%2Fnone')).toMatchObject({ status: 200, body: [] });
});

// docs.github.com/rest/releases/releases#get-a-release-by-tag-name: "Get a published release with the specified tag".
test('a release is found by its tag once it is published', async () => {
  const release = (tag: string) => get(open, `acme/app/releases/tags/${tag}`, 'reader');
  expect(await release('v1.0.0')).toMatchObject({ status: 200, body: { tag_name: 'v1.0.0', prerelease: true } });
  expect((await release('v1.1.0')).status).toBe(404);
  expect((await release('app%2Fv1.0.0')).status).toBe(404);
});

// docs.github.com/rest/repos/repos#get-a-repository and #get-a-commit-object.
test('a repository says what it is, a commit when it was made', async () => {
  expect((await get(open, 'acme/app', 'reader')).body).toMatchObject({
    default_branch: 'main',
    description: 'An app',
    license: { spdx_id: 'MIT' },
  });
  const date = (sha: string) => get(open, `acme/app/git/commits/${sha}`, 'reader');
  expect((await date(SHA)).body).toMatchObject({ committer: { date: '2026-11-24T08:00:00Z' } });
  expect((await date(OTHER)).status).toBe(404);
});
