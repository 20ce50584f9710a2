import { afterAll, describe, expect, test } from '@jest/globals';
import { type Descriptor, MediaType } from '@tidegate/core';
import { emptyLayout, removeAll } from '../copy/copy.fixture.ts';
import { addImage, addReferrer, put } from '../fixture.ts';
import type { ImageLayout } from '../layout/layout.ts';
import { readImage } from './image.ts';

afterAll(removeAll);

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
      kind: 'layout',
      message: expect.stringMatching(why),
    });
  });

  test('is not an artifact', async () => {
    const layout = await emptyLayout();
    const image = await addImage(layout, 'linux/amd64');
    await expect(readImage(layout, await addReferrer(layout, image, 'application/x'))).rejects.toMatchObject({
      kind: 'layout',
    });
    const config = await put(layout, MediaType.empty, '{}');
    const artifact = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
    await expect(readImage(layout, await put(layout, MediaType.manifest, artifact))).rejects.toMatchObject({
      kind: 'layout',
    });
  });
});
