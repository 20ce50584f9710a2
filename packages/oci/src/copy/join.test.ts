import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { MediaType } from '@tidegate/core';
import { put, scratchFolder } from '../fixture.ts';
import { readImage, readManifest } from '../image/image.ts';
import { ImageLayout } from '../layout/layout.ts';
import { joinLayouts } from './join.ts';

const base = scratchFolder('join');
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A layout of one Windows image, as `build-image` leaves it. */
async function windows(version: string, more: object = {}): Promise<ImageLayout> {
  const layout = await ImageLayout.create(join(base, version));
  const platform = { os: 'windows', architecture: 'amd64', 'os.version': version, ...more };
  const config = await put(layout, MediaType.config, { ...platform, rootfs: { type: 'layers', diff_ids: [] } });
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
  await layout.add(await put(layout, MediaType.manifest, manifest));
  return layout;
}

test('two builds of Windows are two platforms of the joined index, each under its own version', async () => {
  const layouts = [await windows('10.0.20348.2700', { 'os.features': ['win32k'] }), await windows('10.0.17763.6414')];
  const target = await ImageLayout.create(join(base, 'target'));
  const root = await joinLayouts(layouts, target);
  const platforms = [
    { os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763.6414' },
    { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2700', 'os.features': ['win32k'] },
  ];
  const index = await readManifest(target, root);
  expect(index.kind === 'index' && index.manifests.map(({ platform }) => platform)).toEqual(platforms);
  expect((await readImage(target, root)).platforms.map(({ platform }) => platform)).toEqual(platforms);
});

test('an index that names another build of Windows than its image is for is refused', async () => {
  const layout = await windows('10.0.26100.1');
  const [image] = await layout.roots();
  const platform = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2700' };
  const index = { schemaVersion: 2, mediaType: MediaType.index, manifests: [{ ...image, platform }] };
  const root = await put(layout, MediaType.index, index);
  await expect(readImage(layout, root)).rejects.toMatchObject({
    kind: 'layout',
    message: expect.stringContaining('windows(10.0.20348.2700)/amd64'),
  });
});

test('annotations are of the index, of the descriptors in it, and of its own in the layout; the same give the same bytes', async () => {
  const layouts = [await windows('10.0.20348.1'), await windows('10.0.17763.1')];
  const joined = async (name: string, annotations: Record<string, string>) => {
    const target = await ImageLayout.create(join(base, name));
    const root = await joinLayouts(layouts, target, {
      annotations,
      descriptorAnnotations: ({ 'os.version': version = '' }) => (version.endsWith('17763.1') ? { old: 'yes' } : {}),
      ownAnnotations: { listed: 'here' },
    });
    return { target, root };
  };
  const { target, root } = await joined('annotated', { b: '2', a: '1' });
  const index = await readManifest(target, root);
  expect(index).toMatchObject({ annotations: { a: '1', b: '2' } });
  expect(index.kind === 'index' && index.manifests.map(({ annotations }) => annotations)).toEqual([
    { old: 'yes' },
    undefined,
  ]);
  expect((await target.index()).map(({ annotations }) => annotations)).toEqual([{ listed: 'here' }]);
  expect((await joined('again', { a: '1', b: '2' })).root.digest).toBe(root.digest);
});

test('one platform without annotations of an index is its manifest alone, as one build leaves it', async () => {
  const layout = await windows('10.0.20348.9');
  const [image] = await layout.roots();
  const target = await ImageLayout.create(join(base, 'alone'));
  const root = await joinLayouts([layout], target);
  expect(root).toEqual(image);
  expect(await target.root()).toEqual(image);
  const annotated = await ImageLayout.create(join(base, 'alone-annotated'));
  expect((await joinLayouts([layout], annotated, { annotations: { a: '1' } })).mediaType).toBe(MediaType.index);
});
