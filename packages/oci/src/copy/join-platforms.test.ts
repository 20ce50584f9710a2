import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { addImage, addReferrer } from '../fixture.ts';
import { readImage } from '../image/image.ts';
import { emptyLayout, removeAll } from './copy.fixture.ts';
import { joinLayouts } from './join.ts';

afterAll(removeAll);

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

  test('of the same platform do not, whether the images differ or not', async () => {
    const other = await emptyLayout();
    await addImage(other, 'linux/amd64', ['another layer']);
    const joining = joinLayouts([await single('linux/amd64'), other], await emptyLayout());
    await expect(joining).rejects.toMatchObject({ id: 'join-conflict' });
    const same = [await single('linux/amd64'), await single('linux/amd64')];
    await expect(joinLayouts(same, await emptyLayout())).rejects.toMatchObject({ id: 'join-conflict' });
    await expect(joinLayouts([], await emptyLayout())).rejects.toMatchObject({ id: 'join-empty' });
  });
});
