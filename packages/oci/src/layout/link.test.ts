import { chmodSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Descriptor } from '@tidegate/core';
import { joinLayouts } from '../copy/join.ts';
import { addImage, described, put, scratchFolder } from '../fixture.ts';
import { readImage } from '../image/image.ts';
import { ImageLayout } from './layout.ts';
import { linkBlob } from './link.ts';

const base = scratchFolder('link');
afterAll(() => rmSync(base, { recursive: true, force: true }));

const LAYER = 'application/vnd.oci.image.layer.v1.tar';
let leg: ImageLayout;
let joined: ImageLayout;
let layer: Descriptor;
let count = 0;
beforeEach(async () => {
  count += 1;
  leg = await ImageLayout.create(join(base, `leg-${count}`));
  joined = await ImageLayout.create(join(base, `joined-${count}`));
  layer = await put(leg, LAYER, 'a layer');
});

const inode = (layout: ImageLayout) => statSync(layout.blobPath(layer)).ino;
const mode = (layout: ImageLayout) => statSync(layout.blobPath(layer)).mode & 0o777;
/** Names in the layout besides its blobs, and blobs. */
const namesIn = ({ folder }: ImageLayout) => [
  readdirSync(folder).toSorted(),
  readdirSync(join(folder, 'blobs/sha256')).length,
];
const EMPTY = ['blobs', 'index.json', 'oci-layout'];

describe('a blob of another layout', () => {
  test('is the same read-only file, and both layouts read it', async () => {
    await linkBlob(leg, joined, layer);
    expect([inode(joined), mode(joined)]).toEqual([inode(leg), 0o444]);
    for (const layout of [leg, joined]) expect((await layout.fetchBytes(layer)).toString()).toBe('a layer');
    expect(namesIn(joined)).toEqual([EMPTY, 1]);
  });

  test.each(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'])('is copied where linking fails with %s', async (code) => {
    await linkBlob(leg, joined, layer, {}, () => {
      throw Object.assign(new Error(code), { code });
    });
    expect(inode(joined)).not.toBe(inode(leg));
    expect(mode(leg)).toBe(0o644);
    expect((await joined.fetchBytes(layer)).toString()).toBe('a layer');
    expect(namesIn(joined)).toEqual([EMPTY, 1]);
  });

  test('that is there already stays', async () => {
    await put(joined, LAYER, 'a layer');
    const before = inode(joined);
    await linkBlob(leg, joined, layer);
    expect(inode(joined)).toBe(before);
  });

  test('that rotted there is replaced, and not written into', async () => {
    await linkBlob(leg, joined, layer);
    chmodSync(leg.blobPath(layer), 0o644);
    writeFileSync(leg.blobPath(layer), 'A LAYER');
    const healthy = await ImageLayout.create(join(base, `healthy-${count}`));
    await put(healthy, LAYER, 'a layer');
    chmodSync(leg.blobPath(layer), 0o444);
    await linkBlob(healthy, joined, layer);
    expect((await joined.fetchBytes(layer)).toString()).toBe('a layer');
    expect(readFileSync(leg.blobPath(layer), 'utf8')).toBe('A LAYER');
  });

  test.each<[string, (path: string) => unknown, string]>([
    ['of other bytes', (path) => writeFileSync(path, 'A layer'), 'hash to'],
    ['of another size', (path) => writeFileSync(path, 'layer'), 'has 5 bytes'],
    [
      'that is a symbolic link',
      (path) => rename(path, `${path}.other`).then(() => symlinkSync(`${path}.other`, path)),
      'symbolic link',
    ],
    ['that is not there', (path) => rmSync(path), 'does not exist'],
  ])('%s is refused, and nothing of it stays', async (_, harm, why) => {
    await harm(leg.blobPath(layer));
    await expect(linkBlob(leg, joined, layer)).rejects.toThrow(why);
    expect(namesIn(joined)).toEqual([EMPTY, 0]);
  });

  test('that another file takes the place of while it is linked is refused', async () => {
    // The file under the new name is hashed, so a file that was checked before does not count.
    await expect(
      linkBlob(leg, joined, layer, {}, (from, to) => {
        rmSync(from);
        writeFileSync(to, 'A layer');
      }),
    ).rejects.toThrow('hash to');
    expect(namesIn(joined)).toEqual([EMPTY, 0]);
  });
});

describe('joined layouts', () => {
  test('share configs and layers with the layouts they were made of, and read as one image', async () => {
    const legs = [leg, await ImageLayout.create(join(base, `other-${count}`))] as const;
    await addImage(legs[0], 'linux/amd64');
    await addImage(legs[1], 'linux/arm64');
    const root = await joinLayouts(legs, joined);
    expect((await readImage(joined, root)).platforms.length).toBe(2);
    layer = described(LAYER, 'layer linux/arm64').descriptor;
    expect(inode(joined)).toBe(inode(legs[1]));
  });

  test('refuse what was changed through the other name, and keep what was replaced there', async () => {
    await addImage(leg, 'linux/amd64', ['changed', 'replaced']);
    await joinLayouts([leg], joined);
    const [changed, replaced] = ['changed', 'replaced'].map((text) => described(LAYER, text).descriptor) as [
      Descriptor,
      Descriptor,
    ];
    chmodSync(leg.blobPath(changed), 0o644);
    writeFileSync(leg.blobPath(changed), 'CHANGED');
    rmSync(leg.blobPath(replaced));
    writeFileSync(leg.blobPath(replaced), 'REPLACED');
    await expect(joined.fetchBytes(changed)).rejects.toThrow('hard-linked and writable');
    chmodSync(leg.blobPath(changed), 0o444);
    await expect(joined.fetchBytes(changed)).rejects.toThrow('hash to');
    expect((await joined.fetchBytes(replaced)).toString()).toBe('replaced');
  });
});
