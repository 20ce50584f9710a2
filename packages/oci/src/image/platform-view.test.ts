import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Descriptor } from '@tidegate/core';
import { base, example, readdirWithText, removeAll } from '../copy/copy.fixture.ts';
import { platformView } from './platform-view.ts';

afterAll(removeAll);

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
    await expect(platformView(layout, image, join(base, 'view'))).rejects.toMatchObject({ id: 'layout-not-empty' });
  });

  test('is not made of what was changed, or of an index', async () => {
    const { layout, root, images } = await example();
    await expect(platformView(layout, root, join(base, 'view-2'))).rejects.toMatchObject({ kind: 'layout' });
    writeFileSync(readdirWithText(layout, 'shared') as string, 'SHARED');
    const viewing = platformView(layout, images[0] as Descriptor, join(base, 'view-3'));
    await expect(viewing).rejects.toMatchObject({ kind: 'integrity' });
  });
});
