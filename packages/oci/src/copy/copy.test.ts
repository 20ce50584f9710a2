import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, deferred, MediaType } from '@tidegate/core';
import { type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { addImage, addReferrer, described, put, scratchFolder, virtualTiming } from '../fixture.ts';
import { readImage } from '../image/image.ts';
import { platformView } from '../image/platform-view.ts';
import { ImageLayout } from '../layout/layout.ts';
import { Registry } from '../registry/registry.ts';
import { copy, copyBlobs, copyManifests, copyReferrers } from './copy.ts';
import { joinLayouts } from './join.ts';
import type { CopyEvent } from './report.ts';

const base = scratchFolder('copy');
afterAll(() => rmSync(base, { recursive: true, force: true }));
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const emptyLayout = () => ImageLayout.create(mkdtempSync(join(base, 'layout-')));

async function startTarget(options: RegistryServerOptions = {}) {
  const server = await startRegistry(options);
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { timing: virtualTiming() });
  open.push(server, registry);
  return { server, registry };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(2);
}

/** Two platforms that share a layer, an SBOM for each, and a signature of one SBOM. */
async function example() {
  const layout = await emptyLayout();
  const platforms = ['linux/amd64', 'linux/arm64'];
  const images: Descriptor[] = [];
  for (const platform of platforms) {
    images.push({ ...(await addImage(layout, platform, ['shared', platform])), platform: platformOf(platform) });
  }
  writeFileSync(join(layout.folder, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
  const index = { schemaVersion: 2, mediaType: MediaType.index, manifests: images };
  const root = await put(layout, MediaType.index, index);
  await layout.add(root);
  const sboms: Descriptor[] = [];
  for (const { mediaType, digest, size } of images) {
    sboms.push(await addReferrer(layout, { mediaType, digest, size }, 'application/sbom'));
  }
  const signature = await addReferrer(layout, sboms[0] as Descriptor, 'application/signature');
  return { layout, root, images, sboms, signature };
}

const platformOf = (text: string) => ({ os: text.split('/')[0] ?? '', architecture: text.split('/')[1] ?? '' });

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
    expect(again).not.toHaveProperty('bytesPerSecond');
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
    await expect(copy(layout, registry, [root])).rejects.toMatchObject({ code: 'unauthorized' });
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
    await expect(copying).rejects.toMatchObject({ code: 'cancelled' });
    await expect(copy(layout, registry, [root], { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('of a layer that was changed on disk is refused, and no manifest goes up', async () => {
    const { layout, root } = await example();
    const { registry, server } = await startTarget();
    const layer = (await readdirWithText(layout, 'shared')) as string;
    writeFileSync(layer, 'SHARED');
    await expect(copy(layout, registry, [root])).rejects.toMatchObject({ code: 'integrity' });
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
        code: 'integrity',
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
      code: 'integrity',
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
    await expect(copy(layout, registry, [root])).rejects.toMatchObject({ code: 'integrity' });
  });
});

function readdirWithText(layout: ImageLayout, text: string): string | undefined {
  const folder = join(layout.folder, 'blobs/sha256');
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => readFileSync(path, 'utf8') === text);
}

describe('an image', () => {
  const entryOf = async (layout: ImageLayout, entries: object[]) =>
    put(layout, MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests: entries });

  test.each<[string, (image: Descriptor, layout: ImageLayout) => Promise<object[]> | object[], RegExp]>([
    [
      'an attestation manifest',
      (image) => [{ ...image, platform: { os: 'unknown', architecture: 'unknown' } }],
      /unknown\/unknown/,
    ],
    ['an index in it', async (image, layout) => [await entryOf(layout, [image])], /not allowed in an image index/],
    ['a platform twice', (image) => [image, image], /is listed twice/],
    [
      'a platform that is another',
      (image) => [{ ...image, platform: { os: 'linux', architecture: 'arm64' } }],
      /says linux\/arm64/,
    ],
    ['nothing in it', () => [], /has no platforms/],
    ['a referrer in it', async (image, layout) => [await addReferrer(layout, image, 'application/x')], /not an image/],
    ['something else in it', (image) => [{ ...image, mediaType: 'application/x' }], /not allowed in an image index/],
  ])('is refused with %s', async (_, entries, why) => {
    const layout = await emptyLayout();
    const image = await addImage(layout, 'linux/amd64');
    const root = await entryOf(layout, await entries(image, layout));
    await expect(readImage(layout, root)).rejects.toMatchObject({
      code: 'layout',
      message: expect.stringMatching(why),
    });
  });

  test('is not an artifact', async () => {
    const layout = await emptyLayout();
    const image = await addImage(layout, 'linux/amd64');
    await expect(readImage(layout, await addReferrer(layout, image, 'application/x'))).rejects.toMatchObject({
      code: 'layout',
    });
    const config = await put(layout, MediaType.empty, '{}');
    const artifact = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
    await expect(readImage(layout, await put(layout, MediaType.manifest, artifact))).rejects.toMatchObject({
      code: 'layout',
    });
  });
});

describe('single-platform layouts', () => {
  const single = async (platform: string) => {
    const layout = await emptyLayout();
    const image = await addImage(layout, platform);
    await addReferrer(layout, image, 'application/provenance');
    return layout;
  };

  test('join into one index, the same in any order, with their evidence', async () => {
    const layouts = [await single('linux/arm64'), await single('linux/amd64'), await single('linux/arm/v7')];
    const target = await emptyLayout();
    const other = await emptyLayout();
    const root = await joinLayouts(layouts, target);
    expect(await joinLayouts([...layouts].reverse(), other)).toEqual(root);
    expect(readFileSync(join(target.folder, 'index.json'), 'utf8')).toContain(root.digest);
    expect(await target.root()).toEqual(root);
    const image = await readImage(target, root);
    expect(image.platforms.map(({ platform }) => platform.architecture)).toEqual(['amd64', 'arm', 'arm64']);
    for (const { descriptor } of image.platforms) expect(await target.referrers(descriptor.digest)).toHaveLength(1);
  });

  test('that disagree about a platform do not', async () => {
    const other = await emptyLayout();
    await addImage(other, 'linux/amd64', ['another layer']);
    const joining = joinLayouts([await single('linux/amd64'), other], await emptyLayout());
    await expect(joining).rejects.toMatchObject({ code: 'conflict' });
    await expect(joinLayouts([], await emptyLayout())).rejects.toMatchObject({ code: 'layout' });
  });
});

describe('a view of one platform', () => {
  test('names its manifest alone, and leaves the layout as it was', async () => {
    const { layout, images } = await example();
    const [image] = images as [Descriptor];
    const view = await platformView(layout, image, join(base, 'view'));
    expect(readdirSync(view).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    // The folder is linked: Syft refuses blobs that are links.
    expect(readlinkSync(join(view, 'blobs'))).toBe(join(layout.folder, 'blobs'));
    const index = JSON.parse(readFileSync(join(view, 'index.json'), 'utf8'));
    expect(index.manifests).toEqual([{ mediaType: image.mediaType, digest: image.digest, size: image.size }]);
    expect(await layout.exists(image)).toBe(true);
    await expect(platformView(layout, image, join(base, 'view'))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is not made of what was changed, or of an index', async () => {
    const { layout, root, images } = await example();
    await expect(platformView(layout, root, join(base, 'view-2'))).rejects.toMatchObject({ code: 'layout' });
    writeFileSync(readdirWithText(layout, 'shared') as string, 'SHARED');
    const viewing = platformView(layout, images[0] as Descriptor, join(base, 'view-3'));
    await expect(viewing).rejects.toMatchObject({ code: 'integrity' });
  });
});

// OCI image-spec layer.md, "Non-Distributable Layers"; docker: image manifest v2 schema 2, "foreign" layers.
describe.each([
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
])('a layer that may not be distributed (%s)', (mediaType) => {
  async function image(store: ImageLayout, urls: readonly string[], present: boolean) {
    const config = await put(store, MediaType.config, {
      ...platformOf('windows/amd64'),
      rootfs: { type: 'layers', diff_ids: [] },
    });
    const plain = await put(store, 'application/vnd.oci.image.layer.v1.tar', 'a plain layer');
    const { descriptor } = described(mediaType, `the base of ${store.name}`);
    if (present) await put(store, mediaType, `the base of ${store.name}`);
    const layers = [{ ...descriptor, ...(urls.length > 0 ? { urls } : {}) }, plain];
    const root = await put(store, MediaType.manifest, {
      schemaVersion: 2,
      mediaType: MediaType.manifest,
      config,
      layers,
    });
    await store.add(root);
    return { root, foreign: descriptor, plain };
  }
  const URLS = ['https://vendor.invalid/layer'];

  test.each([true, false])('stays where it is, and the manifest as it is (in the layout: %j)', async (present) => {
    const layout = await emptyLayout();
    const { root, foreign, plain } = await image(layout, URLS, present);
    const { server, registry } = await startTarget();
    await copy(layout, registry, [root]);
    expect(server.blobs('acme/app')).toContain(plain.digest);
    expect(server.blobs('acme/app')).not.toContain(foreign.digest);
    const pulled = await emptyLayout();
    const before = server.requests.length;
    await copy(registry, pulled, [root]);
    expect(server.requests.slice(before).filter(({ url }) => url.includes(foreign.digest))).toEqual([]);
    expect(await pulled.exists(foreign)).toBe(false);
    expect(await pulled.fetchBytes(root)).toEqual(await layout.fetchBytes(root));
  });

  test('is sent as any other where it names no place to fetch it from', async () => {
    const layout = await emptyLayout();
    const { root, foreign } = await image(layout, [], true);
    const { server, registry } = await startTarget();
    await copy(layout, registry, [root]);
    expect(server.blobs('acme/app')).toContain(foreign.digest);
  });

  test('comes along when layouts are joined, where it is there', async () => {
    for (const present of [true, false]) {
      const layout = await emptyLayout();
      const { foreign } = await image(layout, URLS, present);
      const joined = await emptyLayout();
      await joinLayouts([layout], joined);
      expect(await joined.exists(foreign)).toBe(present);
    }
  });
});
