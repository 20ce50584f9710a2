/**
 * These tests check GitHub's own behaviour: docs.github.com, "Dependency caching reference" (restrictions for accessing
 * a cache, cache key matching), and the calls of actions/toolkit, packages/cache/src/generated/results/api/v1/cache.ts.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ActionsCache, type CacheScope, startActionsCache } from './actions-cache.ts';

const MAIN: CacheScope = { Scope: 'refs/heads/main', Permission: 3 };
const PULL: readonly CacheScope[] = [
  { Scope: 'refs/pull/1/merge', Permission: 3 },
  { ...MAIN, Permission: 1 },
];

let service: ActionsCache;
beforeAll(async () => {
  service = await startActionsCache();
});
afterAll(async () => service[Symbol.asyncDispose]());

async function call(token: string, method: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${service.url}twirp/github.actions.results.api.v1.CacheService/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ version: 'v', ...body }),
  });
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
}

const put = (url: unknown, query: string, body: string) => fetch(`${url}${query}`, { method: 'PUT', body });

async function save(scopes: readonly CacheScope[], key: string, content: string): Promise<string> {
  const token = service.token(scopes);
  const { signed_upload_url: url } = await call(token, 'CreateCacheEntry', { key });
  const stored = await put(url, '', content);
  expect([stored.status, stored.headers.get('x-ms-request-id')]).toEqual([201, expect.stringMatching(/./)]);
  expect(await call(token, 'FinalizeCacheEntryUpload', { key, size_bytes: content.length })).toMatchObject({
    ok: true,
  });
  return String(url);
}

async function load(scopes: readonly CacheScope[], key: string, restore: string[] = []) {
  const answer = await call(service.token(scopes), 'GetCacheEntryDownloadURL', { key, restore_keys: restore });
  if (answer.ok !== true) return undefined;
  return { key: answer.matched_key, content: await (await fetch(String(answer.signed_download_url))).text() };
}

test('a pull request reads the cache of the default branch, and the default branch does not read that of a pull request', async () => {
  await save([MAIN], 'from main', 'main');
  await save(PULL, 'from pull', 'pull');
  expect(await load(PULL, 'from main')).toEqual({ key: 'from main', content: 'main' });
  expect(await load(PULL, 'from pull')).toEqual({ key: 'from pull', content: 'pull' });
  expect(await load([MAIN], 'from pull')).toBeUndefined();
});

test('a key is taken once in a scope, and what is final never changes', async () => {
  const url = await save([MAIN], 'once', 'one');
  expect(await call(service.token([MAIN]), 'CreateCacheEntry', { key: 'once' })).toMatchObject({
    status: 409,
    code: 'already_exists',
  });
  expect((await put(url, '', 'two')).status).toBe(403);
  await save(PULL, 'once', 'own');
  expect(await load(PULL, 'once')).toMatchObject({ content: 'own' });
  expect(await load([MAIN], 'once')).toMatchObject({ content: 'one' });
});

test('a key that is not there is looked for as a prefix, newest first, and another version never fits', async () => {
  await save([MAIN], 'index#1', 'one');
  await save([MAIN], 'index#2', 'two');
  expect(await load([MAIN], 'index#', ['index#'])).toEqual({ key: 'index#2', content: 'two' });
  expect(await call(service.token([MAIN]), 'GetCacheEntryDownloadURL', { key: 'index#1', version: 'w' })).toMatchObject(
    {
      ok: false,
    },
  );
});

test('blocks are put together in the order of their list, and a range of them is read', async () => {
  const token = service.token([MAIN]);
  const { signed_upload_url: url } = await call(token, 'CreateCacheEntry', { key: 'blocks' });
  await put(url, '&comp=block&blockid=b', 'world');
  await put(url, '&comp=block&blockid=a', 'hello ');
  await put(url, '&comp=blocklist', '<BlockList><Latest>a</Latest><Latest>b</Latest></BlockList>');
  expect((await fetch(String(url))).status).toBe(404);
  expect((await call(token, 'FinalizeCacheEntryUpload', { key: 'blocks', size_bytes: 5 })).status).toBe(400);
  await call(token, 'FinalizeCacheEntryUpload', { key: 'blocks', size_bytes: 11 });
  const part = await fetch(String(url), { headers: { 'x-ms-range': 'bytes=6-' } });
  expect([part.status, await part.text()]).toEqual([206, 'world']);
});

test('a token that is not of this service opens nothing, and one that may only read writes nothing', async () => {
  const forged = service.token([MAIN]).replace(/[^.]+$/, 'x');
  expect((await call(forged, 'CreateCacheEntry', { key: 'x' })).status).toBe(401);
  expect(await call(service.token([{ ...MAIN, Permission: 1 }]), 'CreateCacheEntry', { key: 'x' })).toMatchObject({
    ok: false,
  });
});
