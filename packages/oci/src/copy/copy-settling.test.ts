import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { type Descriptor, deferred, MediaType } from '@tidegate/core';
import { startRegistry } from '@tidegate/testkit';
import { addImage, addReferrer, scratchFolder, virtualTiming } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { fallbackTag } from '../registry/fallback-tag.ts';
import { Registry } from '../registry/registry.ts';
import { copy } from './copy.ts';

const base = scratchFolder('settling');
afterAll(() => rmSync(base, { recursive: true, force: true }));
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const REFERRERS = 20;

/** An image with more referrers than go up at once, and a registry without API that heeds no conditions. */
async function example() {
  const layout = await ImageLayout.create(mkdtempSync(join(base, 'layout-')));
  const image = await addImage(layout, 'linux/amd64');
  const referrers: Descriptor[] = [];
  for (let at = 0; at < REFERRERS; at += 1) referrers.push(await addReferrer(layout, image, `application/x-${at}`));
  const server = await startRegistry({ referrers: false, conditions: false });
  /** Settling begins, and ends when it is let go. */
  const { promise: begun, resolve: begins } = deferred<void>();
  const { promise: over, resolve: letGo } = deferred<void>();
  const timing = virtualTiming();
  const sleep = async (milliseconds: number) => {
    begins();
    await over;
    await timing.sleep(milliseconds);
  };
  const reference = { registry: server.host, repository: 'acme/app' };
  const registry = new Registry(reference, { timing: { ...timing, sleep } });
  open.push(server, registry);
  const tag = `${server.url}/v2/acme/app/manifests/${fallbackTag(image.digest)}`;
  const listed = async () => ((await (await fetch(tag)).json()) as { manifests: Descriptor[] }).manifests;
  const overwrite = async (manifests: readonly Descriptor[]) => {
    const body = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests });
    await fetch(tag, { method: 'PUT', headers: { 'content-type': MediaType.index }, body });
  };
  return { layout, image, referrers, server, registry, begun, letGo, listed, overwrite, sleeps: timing.sleeps };
}

test('a copy is over when its lists of referrers stay as they were written, and waits for that once', async () => {
  const { layout, image, registry, begun, letGo, listed, sleeps } = await example();
  let over = false;
  const copied = copy(layout, registry, [image]).then(() => {
    over = true;
  });
  await begun;
  expect(await listed()).toHaveLength(REFERRERS);
  expect(over).toBe(false);
  letGo();
  await copied;
  expect(sleeps).toHaveLength(1);
});

test('a caller that requests it gets the copy early, and the list is repaired if a slow client overwrites it', async () => {
  const { layout, image, referrers, registry, letGo, listed, overwrite } = await example();
  const settling: Promise<void>[] = [];
  let settled = false;
  await copy(layout, registry, [image], { onSettling: (stays) => settling.push(stays) });
  const all = Promise.all(settling).then(() => {
    settled = true;
  });
  expect(settling).toHaveLength(REFERRERS);
  expect(await listed()).toHaveLength(REFERRERS);
  await overwrite((await listed()).slice(0, 3));
  expect(settled).toBe(false);
  letGo();
  await all;
  const digests = (await listed()).map(({ digest }) => digest);
  expect(digests.toSorted()).toEqual(referrers.map(({ digest }) => digest).toSorted());
});

test('a lost list rejects the promise, and causes no unhandled rejection', async () => {
  const { layout, image, server, registry, letGo, overwrite } = await example();
  const settling: Promise<void>[] = [];
  await copy(layout, registry, [image], { onSettling: (stays) => settling.push(stays) });
  await overwrite([]);
  await server.close();
  letGo();
  const outcomes = await Promise.allSettled(settling);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
});
