import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, deferred, MediaType } from '@tidegate/core';
import { addImage, put } from '../fixture.ts';
import { readImage } from '../image/image.ts';
import { Registry } from '../registry/registry.ts';
import { closeAll, emptyLayout, example, open, readdirWithText, removeAll, startTarget } from './copy.fixture.ts';
import { copy, copyBlobs, copyManifests, copyReferrers } from './copy.ts';
import type { CopyEvent } from './report.ts';

afterAll(removeAll);
afterEach(closeAll);

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(2);
}

describe('a copy', () => {
  test('brings an index, its platforms and their evidence to a registry, children before parents', async () => {
    const { layout, root, images, signature } = await example();
    const { registry, server } = await startTarget();
    const report = await copy(layout, registry, [root]);
    expect(report).toMatchObject({ mounted: 0, skipped: 0 });
    const puts = server.requests.filter(({ method, url }) => method === 'PUT' && url.includes('/manifests/'));
    const order = puts.map(({ url }) => url.split('/').at(-1));
    expect(new Set(order.slice(0, 2))).toEqual(new Set(images.map(({ digest }) => digest)));
    expect(order[2]).toBe(root.digest);
    expect((await readImage(registry, root)).platforms).toHaveLength(2);
    const [sbom] = await registry.referrers((images[0] as Descriptor).digest);
    const [found] = await registry.referrers((sbom as Descriptor).digest);
    expect(found?.digest).toBe(signature.digest);
    expect(server.tags('acme/app').size).toBe(0);
  });

  test('sends each digest once, and nothing the second time', async () => {
    const { layout, root } = await example();
    const { registry, server } = await startTarget();
    const first = await copy(layout, registry, [root, root]);
    expect(first.bytesPerSecond).toBe(Math.round((first.bytes * 1000) / first.milliseconds));
    const sent = server.requests.reduce((sum, { received }) => sum + received, 0);
    const again = await copy(layout, registry, [root]);
    expect(again).toMatchObject({ sent: 0, bytes: 0 });
    expect(again.bytesPerSecond).toBeUndefined();
    expect(server.requests.reduce((sum, { received }) => sum + received, 0)).toBe(sent);
    const ends = server.requests.filter(({ method, url }) => method === 'PUT' && url.includes('digest='));
    expect(new Set(ends.map(({ url }) => url.split('digest=')[1])).size).toBe(ends.length);
  });

  test('comes back from a registry as it went there', async () => {
    const { layout, root, images } = await example();
    const { registry } = await startTarget({ referrers: false });
    await copy(layout, registry, [root]);
    const back = await emptyLayout();
    await copy(registry, back, [root]);
    expect(await back.root()).toEqual(root);
    expect(await back.referrers((images[0] as Descriptor).digest)).toHaveLength(1);
    expect(readdirSync(join(back.folder, 'blobs/sha256')).sort()).toEqual(
      readdirSync(join(layout.folder, 'blobs/sha256')).sort(),
    );
  });

  test('between repositories of one registry mounts', async () => {
    const { layout, root } = await example();
    const { registry, server } = await startTarget();
    await copy(layout, registry, [root]);
    const other = new Registry({ registry: server.host, repository: 'acme/promoted' });
    open.push(other);
    const report = await copyBlobs(registry, other, [root]);
    expect(report).toMatchObject({ sent: 0, mounted: 5, skipped: 0, resumed: 0, bytes: 0 });
  });

  test('tells what it is going to do, what moves, and how each blob ended', async () => {
    const { layout, root } = await example();
    const { registry } = await startTarget();
    const events: CopyEvent[] = [];
    let moved = 0;
    const onBytes = (bytes: number) => (moved += bytes);
    const report = await copyBlobs(layout, registry, [root], { onEvent: (event) => events.push(event), onBytes });
    expect(report).toMatchObject({ sent: 5, bytes: moved });
    expect(events[0]).toEqual({ kind: 'planned', blobs: 5, bytes: moved });
    expect(events.filter(({ kind }) => kind === 'blob')).toHaveLength(5);
  });

  test('can go in phases: blobs first, manifests when they may', async () => {
    const { layout, root, images, sboms } = await example();
    const { registry, server } = await startTarget();
    await copyBlobs(layout, registry, [root]);
    expect(server.manifest('acme/app', root.digest)).toBeUndefined();
    await copyManifests(layout, registry, [...images, root]);
    expect(await registry.exists(root)).toBe(true);
    const [first] = images as [Descriptor];
    const report = await copyReferrers(layout, registry, first.digest, {
      filter: ({ artifactType }) => artifactType === 'application/sbom',
    });
    expect(report.referrers.map(({ digest }) => digest)).toEqual([sboms[0]?.digest]);
  });

  test('asks for the next blobs while it sends as many as the registry takes', async () => {
    const layers = Array.from({ length: 30 }, (_, at) => `layer ${at}`);
    const layout = await emptyLayout();
    const root = await addImage(layout, 'linux/amd64', layers);
    const asked = new Set<string>();
    let sending = 0;
    const { promise: quiet, resolve } = deferred<undefined>();
    const { registry } = await startTarget({
      onRequest: ({ method, url }) => {
        if (method === 'HEAD' && url.includes('/blobs/')) asked.add(url);
        if (method !== 'PUT') return undefined;
        sending += 1;
        return quiet;
      },
    });
    const allowed = registry.uploads;
    const copied = copyBlobs(layout, registry, [root]);
    // No blob has ended yet.
    await until(() => asked.size === allowed + 4 && sending > 0);
    resolve(undefined);
    await copied;
    expect(asked.size).toBe(31);
  });

  test('has at most as many blobs on their way as it may', async () => {
    const layout = await emptyLayout();
    const root = await addImage(
      layout,
      'linux/amd64',
      Array.from({ length: 20 }, (_, at) => `layer ${at}`),
    );
    let now = 0;
    let most = 0;
    const { registry } = await startTarget();
    const push = registry.push.bind(registry);
    registry.push = async (...call) => {
      now += 1;
      most = Math.max(most, now);
      return push(...call).finally(() => {
        now -= 1;
      });
    };
    await copyBlobs(layout, registry, [root], { concurrency: 3 });
    expect(most).toBe(3);
  });

  test('that fails stops the rest and shows the first error', async () => {
    const { layout, root } = await example();
    const { registry, server } = await startTarget({
      onRequest: ({ method }) => (method === 'PUT' ? { kind: 'answer', status: 403 } : undefined),
    });
    await expect(copy(layout, registry, [root])).rejects.toMatchObject({ kind: 'unauthorized' });
    const count = server.requests.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.requests.length).toBe(count);
    expect(server.manifest('acme/app', root.digest)).toBeUndefined();
  });

  test('that is cancelled says so', async () => {
    const { layout, root } = await example();
    const { registry } = await startTarget();
    const stop = new AbortController();
    const copying = copy(layout, registry, [root], { signal: stop.signal, onEvent: () => stop.abort() });
    await expect(copying).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(copy(layout, registry, [root], { signal: stop.signal })).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('of a layer that was changed on disk is refused, and no manifest goes up', async () => {
    const { layout, root } = await example();
    const { registry, server } = await startTarget();
    const layer = (await readdirWithText(layout, 'shared')) as string;
    writeFileSync(layer, 'SHARED');
    await expect(copy(layout, registry, [root])).rejects.toMatchObject({ kind: 'integrity' });
    expect(server.manifest('acme/app', root.digest)).toBeUndefined();
  });

  test('of manifests that give one layer different sizes is refused', async () => {
    const layout = await emptyLayout();
    const layer = await put(layout, 'application/vnd.oci.image.layer.v1.tar', 'layer');
    const config = await put(layout, MediaType.config, { os: 'linux' });
    const manifests: Descriptor[] = [];
    for (const size of [3, layer.size]) {
      const image = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [{ ...layer, size }] };
      manifests.push(await put(layout, MediaType.manifest, image));
    }
    for (const order of [manifests, manifests.toReversed()]) {
      const target = await emptyLayout();
      const index = { schemaVersion: 2, mediaType: MediaType.index, manifests: order };
      await expect(copy(layout, target, [await put(layout, MediaType.index, index)])).rejects.toMatchObject({
        kind: 'integrity',
        message: expect.stringMatching(/listed with two sizes/),
      });
    }
  });

  test('of more manifests than anyone needs is refused before they are read into memory', async () => {
    const layout = await emptyLayout();
    const manifests = Array.from({ length: 20 }, (_, at) => ({
      mediaType: MediaType.manifest,
      digest: `sha256:${String(at).padStart(64, '0')}`,
      size: 4 * 1024 * 1024,
    }));
    const root = await put(layout, MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests });
    await expect(copy(layout, await emptyLayout(), [root])).rejects.toMatchObject({
      kind: 'integrity',
      message: expect.stringContaining('67108864'),
    });
  });

  test('of indexes that nest too deep is refused', async () => {
    const layout = await emptyLayout();
    let root = await addImage(layout, 'linux/amd64');
    for (let depth = 0; depth < 9; depth += 1) {
      root = await put(layout, MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests: [root] });
    }
    const { registry } = await startTarget();
    await expect(copy(layout, registry, [root])).rejects.toMatchObject({ kind: 'integrity' });
  });
});
