import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { MediaType } from '@tidegate/core';
import { startRegistry } from '@tidegate/testkit';
import { addImage, addReferrer, put, scratchFolder } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { Registry } from '../registry/registry.ts';
import { copy } from './copy.ts';

const base = scratchFolder('manifests');
afterAll(() => rmSync(base, { recursive: true, force: true }));

test.each(['layout', 'registry'] as const)('a registry gives each manifest once in a copy to a %s', async (kind) => {
  const layout = await ImageLayout.create(mkdtempSync(join(base, 'from-')));
  const platforms = [await addImage(layout, 'linux/amd64', ['one']), await addImage(layout, 'linux/arm64', ['two'])];
  const manifests = { schemaVersion: 2, mediaType: MediaType.index, manifests: platforms };
  const root = await put(layout, MediaType.index, manifests);
  await layout.add(root);
  for (const subject of platforms) await addReferrer(layout, subject, 'application/sbom');
  await using servers = new AsyncDisposableStack();
  const start = async () => servers.adopt(await startRegistry(), (server) => server.close());
  const [from, to] = [await start(), await start()];
  const source = servers.adopt(new Registry({ registry: from.host, repository: 'acme/app' }), (one) => one.close());
  const mirror = servers.adopt(new Registry({ registry: to.host, repository: 'acme/app' }), (one) => one.close());
  await copy(layout, source, [root]);
  const before = from.requests.length;
  const target = kind === 'layout' ? await ImageLayout.create(join(base, 'to')) : mirror;

  const report = await copy(source, target, [root]);

  expect(report).toMatchObject({ skipped: 0 });
  const asked = from.requests.slice(before).filter(({ method, url }) => method === 'GET' && /\/manifests\//.test(url));
  // The index, two platforms and two SBOMs.
  expect(asked).toHaveLength(5);
  expect(new Set(asked.map(({ url }) => url)).size).toBe(5);
  expect((await target.resolve(root.digest)).digest).toBe(root.digest);
  expect(await target.referrers((platforms[0] as typeof root).digest)).toHaveLength(1);
  if (target instanceof ImageLayout) expect((await target.roots()).map(({ digest }) => digest)).toEqual([root.digest]);
});
