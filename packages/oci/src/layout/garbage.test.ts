import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, hexOf, MediaType } from '@tidegate/core';
import { addImage, addReferrer, put, scratchFolder } from '../fixture.ts';
import { ImageLayout } from './layout.ts';

const base = scratchFolder('garbage');
afterAll(() => rmSync(base, { recursive: true, force: true }));
let count = 0;
let layout: ImageLayout;
beforeEach(async () => {
  count += 1;
  layout = await ImageLayout.create(join(base, String(count)));
});

const blobs = () => readdirSync(join(layout.folder, 'blobs', 'sha256'));
const index = (...manifests: Descriptor[]) =>
  put(layout, MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests });

describe('a layout', () => {
  test('loses what no entry leads to any more, and keeps what another image needs', async () => {
    const [amd64, arm64] = [await addImage(layout, 'linux/amd64'), await addImage(layout, 'linux/arm64')];
    await layout.unlist(amd64);
    await layout.unlist(arm64);
    const [one, both] = [await index(amd64), await index(amd64, arm64)];
    for (const root of [one, both]) await layout.add(root);
    const kept = await addReferrer(layout, amd64, 'application/kept');
    const signature = await addReferrer(layout, both, 'application/signature');
    const countersignature = await addReferrer(layout, signature, 'application/countersignature');
    const ofArm = await addReferrer(layout, arm64, 'application/arm');
    for (const gone of [both, signature, countersignature, ofArm]) await layout.unlist(gone);
    expect(await layout.root()).toEqual(one);
    expect((await layout.referrers(amd64.digest)).map(({ digest }) => digest)).toEqual([kept.digest]);

    const before = blobs().length;
    const collected = await layout.collect({ grace: 0 });
    // Two indexes less one, arm64's manifest, config and layer, three referrers with a layer each.
    expect(collected.blobs).toBe(1 + 3 + 6);
    expect(collected.bytes).toBeGreaterThan(0);
    expect(blobs()).toHaveLength(before - collected.blobs);
    expect(await (await ImageLayout.open(layout.folder)).referrers(amd64.digest)).toHaveLength(1);
    expect(await layout.exists(arm64)).toBe(false);
    expect(await layout.collect({ grace: 0 })).toEqual({ blobs: 0, bytes: 0 });
  });

  test('keeps unlisted blobs for an hour: another writer may be about to list them', async () => {
    await put(layout, 'application/x', 'of a writer at work');
    expect(await layout.collect()).toEqual({ blobs: 0, bytes: 0 });
    expect(await layout.collect({ grace: 0 })).toEqual({ blobs: 1, bytes: 19 });
  });

  test('is not collected while it cannot be read whole, and loses nothing', async () => {
    const image = await addImage(layout, 'linux/amd64');
    const before = blobs().length;
    writeFileSync(layout.blobPath(image), '{}');
    await expect((await ImageLayout.open(layout.folder)).collect({ grace: 0 })).rejects.toMatchObject({
      kind: 'layout',
    });
    expect(blobs()).toHaveLength(before);
  });

  test('keeps files with other names than digests', async () => {
    const other = join(layout.folder, 'blobs', 'sha256', 'README');
    writeFileSync(other, '');
    mkdirSync(join(layout.folder, 'blobs', 'sha256', 'a'.repeat(64)));
    await layout.collect({ grace: 0 });
    expect(existsSync(other)).toBe(true);
  });

  test('is made over what a killed creation left, and over nothing else', async () => {
    const half = join(base, `half-${count}`);
    mkdirSync(join(half, 'blobs', 'sha256'), { recursive: true });
    writeFileSync(join(half, '.tidegate-tmp.x'), '');
    writeFileSync(join(half, 'index.json'), '{}');
    const made = await ImageLayout.create(half);
    expect(await made.roots()).toEqual([]);
    for (const foreign of ['Dockerfile', join('blobs', 'sha256', 'b'.repeat(64))]) {
      rmSync(join(half, 'oci-layout'), { force: true });
      writeFileSync(join(half, foreign), '');
      await expect(ImageLayout.create(half)).rejects.toMatchObject({ id: 'layout-not-empty' });
      rmSync(join(half, foreign));
    }
  });

  test('finds by digest in indexes that name each other a thousand times, at once', async () => {
    let level = await index(await addImage(layout, 'linux/amd64'));
    for (let depth = 0; depth < 3; depth += 1) level = await index(...Array.from({ length: 1000 }, () => level));
    writeFileSync(join(layout.folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [level] }));
    const again = await ImageLayout.open(layout.folder);
    const started = process.cpuUsage();
    await expect(again.resolve(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ kind: 'not-found' });
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });

  test('is not read for minutes where thousands of entries name a few large manifests in turn', async () => {
    const image = await addImage(layout, 'linux/amd64');
    const large: Descriptor[] = [];
    // Together they are more than a layout remembers.
    for (const letter of ['a', 'b', 'c']) {
      const annotations = { large: letter.repeat(4_000_000) };
      const config = await put(layout, MediaType.empty, '{}');
      const about = {
        schemaVersion: 2,
        mediaType: MediaType.manifest,
        config,
        layers: [],
        subject: image,
        annotations,
      };
      large.push(await put(layout, MediaType.manifest, about));
    }
    const manifests = [image, ...Array.from({ length: 400 }, () => large).flat()];
    writeFileSync(join(layout.folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    const again = await ImageLayout.open(layout.folder);
    const started = process.cpuUsage();
    expect(await again.roots()).toHaveLength(1);
    expect(await again.collect({ grace: 0 })).toMatchObject({ blobs: 0 });
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });

  test('is refused when its manifests are more than anyone needs', async () => {
    const manifests = Array.from({ length: 20 }, (_, at) => ({
      mediaType: MediaType.manifest,
      digest: `sha256:${hexOf(`sha256:${String(at).padStart(64, '0')}` as Descriptor['digest'])}`,
      size: 4 * 1024 * 1024,
    }));
    writeFileSync(join(layout.folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    await expect(layout.roots()).rejects.toMatchObject({
      kind: 'integrity',
      message: expect.stringContaining('67108864'),
    });
  });
});
