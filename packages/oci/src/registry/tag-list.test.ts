import { afterEach, expect, test } from '@jest/globals';
import { client, closeAll, start } from './referrers.fixture.ts';

afterEach(closeAll);

test('all tags are listed, over all pages, up to a limit', async () => {
  const { registry, image, server } = await start(true);
  await registry.moveTag(image, 'v0');
  for (let at = 1; at < 1003; at += 1) server.setTag('acme/app', `v${at}`, image.digest);
  expect(new Set(await registry.tags(5000)).size).toBe(1003);
  const pages = () => server.requests.filter(({ url }) => url.includes('/tags/list')).length;
  expect(pages()).toBe(2);
  expect(await registry.tags(10)).toHaveLength(11);
  expect(pages()).toBe(3);
});

const list = (body: string, link?: string) => ({
  ...({ kind: 'answer', status: 200, body } as const),
  headers: { 'content-type': 'application/json', ...(link ? { link } : {}) },
});

test.each([['{"tags":["../x"]}'], ['{"tags":"v1"}'], ['nonsense']])('%s is not a list of tags', async (body) => {
  const { registry } = await start(true, ({ url }) => (url.includes('/tags/list') ? list(body) : undefined));
  await expect(registry.tags(10)).rejects.toThrow('the list of tags is not valid');
});

test('a list without tags is empty', async () => {
  const { registry } = await start(true, ({ url }) => (url.includes('/tags/list') ? list('{"tags":null}') : undefined));
  expect(await registry.tags(10)).toEqual([]);
});

test('the token of the registry is not sent to another host', async () => {
  const elsewhere = '<https://example.com/v2/acme/app/tags/list?last=a>; rel="next"';
  const { server } = await start(true, ({ url }) =>
    url.includes('/tags/list') ? list('{"tags":["a"]}', elsewhere) : undefined,
  );
  await expect(client(server).tags(10)).rejects.toThrow('on another host');
});

const NEXT = '</v2/acme/app/tags/list?last=a>; rel="next"';

test('a list that goes on behind as many tags as are wanted is read on, so that the caller sees it', async () => {
  const { registry } = await start(true, ({ url }) => {
    if (url.includes('last=a')) return list('{"tags":["b"]}');
    return url.includes('/tags/list') ? list('{"tags":["a"]}', NEXT) : undefined;
  });
  expect(await registry.tags(1)).toEqual(['a', 'b']);
});

test('a list without end is an error', async () => {
  const { registry, server } = await start(true, ({ url }) =>
    url.includes('/tags/list') ? list('{"tags":["a"]}', NEXT) : undefined,
  );
  server.requests.length = 0;
  await expect(registry.tags(10)).rejects.toThrow('more than 1000 pages of tags');
  expect(server.requests).toHaveLength(1000);
}, 60_000);
