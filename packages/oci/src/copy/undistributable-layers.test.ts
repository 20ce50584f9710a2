import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { MediaType } from '@tidegate/core';
import { described, put } from '../fixture.ts';
import type { ImageLayout } from '../layout/layout.ts';
import { closeAll, emptyLayout, platformOf, removeAll, startTarget } from './copy.fixture.ts';
import { copy } from './copy.ts';
import { joinLayouts } from './join.ts';

afterAll(removeAll);
afterEach(closeAll);

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
