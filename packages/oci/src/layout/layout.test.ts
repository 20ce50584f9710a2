import { execFileSync } from 'node:child_process';
import { linkSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, hexOf, MediaType } from '@tidegate/core';
import { addImage, addReferrer, described, put, scratchFolder } from '../fixture.ts';
import { readImage } from '../image/image.ts';
import { contentOfBytes, readAll } from '../verified.ts';
import { ImageLayout } from './layout.ts';

const base = scratchFolder('layout');
afterAll(() => rmSync(base, { recursive: true, force: true }));
let count = 0;
let folder: string;
let layout: ImageLayout;
let image: Descriptor;

beforeEach(async () => {
  count += 1;
  folder = join(base, String(count));
  layout = await ImageLayout.create(folder);
  image = await addImage(layout, 'linux/amd64');
});

const indexPath = () => join(folder, 'index.json');
const editIndex = (change: (index: { manifests: object[] }) => unknown) => {
  const index = JSON.parse(readFileSync(indexPath(), 'utf8'));
  writeFileSync(indexPath(), JSON.stringify(change(index) ?? index));
};

describe('a layout', () => {
  test('is found again as it was written', async () => {
    const again = await ImageLayout.open(folder);
    expect(await again.root()).toEqual(image);
    expect((await readImage(again, image)).platforms).toEqual([
      { platform: { os: 'linux', architecture: 'amd64' }, descriptor: image },
    ]);
  });

  test('gives back exactly the bytes that were pushed', async () => {
    const { descriptor, bytes } = described('application/x', 'hello');
    expect(await layout.push(descriptor, contentOfBytes(bytes))).toBe('sent');
    expect(await layout.push(descriptor, contentOfBytes(bytes))).toBe('present');
    expect((await layout.fetchBytes(descriptor)).toString()).toBe('hello');
    expect(String(await readAll(layout.content(descriptor).open(2), 100, ''))).toBe('llo');
  });

  test('resolves the tags of index.json', async () => {
    const other = await addImage(layout, 'linux/arm64');
    const tagged = (of: Descriptor, tag: string) => ({
      ...of,
      annotations: { 'org.opencontainers.image.ref.name': tag },
    });
    editIndex((index) => ({ ...index, manifests: [tagged(image, 'v1'), tagged(other, 'latest')] }));
    expect((await layout.resolve('latest')).digest).toBe(other.digest);
    expect((await layout.resolve('v1')).digest).toBe(image.digest);
  });

  test('does not count referrers as images, and finds them by their subject', async () => {
    const referrer = await addReferrer(layout, image, 'application/x', { a: 'b' });
    expect(await layout.roots()).toEqual([image]);
    expect(await layout.referrers(image.digest)).toEqual([
      { ...referrer, artifactType: 'application/x', annotations: { a: 'b' } },
    ]);
    expect(await layout.referrers(image.digest, 'application/y')).toEqual([]);
    expect(await layout.referrers(referrer.digest)).toEqual([]);
  });

  test('takes no tag from a referrer’s annotations', async () => {
    await addReferrer(layout, image, 'application/x', { 'org.opencontainers.image.ref.name': 'latest' });
    await expect(layout.resolve('latest')).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('resolves by digest what only an index names', async () => {
    const index = await put(layout, MediaType.index, {
      schemaVersion: 2,
      mediaType: MediaType.index,
      manifests: [image],
    });
    writeFileSync(indexPath(), JSON.stringify({ schemaVersion: 2, manifests: [index] }));
    expect(await layout.resolve(image.digest)).toEqual(image);
    await expect(layout.resolve(digestOf('none'))).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('heals a blob that has rotted when it is pushed again', async () => {
    const { descriptor, bytes } = described('application/x', 'hello');
    await layout.push(descriptor, contentOfBytes(bytes));
    writeFileSync(layout.blobPath(descriptor), 'jello');
    expect(await layout.push(descriptor, contentOfBytes(bytes))).toBe('sent');
    expect((await layout.fetchBytes(descriptor)).toString()).toBe('hello');
  });

  test('does not read on what it holds for who has cancelled', async () => {
    const { descriptor, bytes } = described('application/octet-stream', 'x'.repeat(8 * 1024 * 1024));
    await layout.push(descriptor, contentOfBytes(bytes));
    const stop = new AbortController();
    const again = layout.push(descriptor, contentOfBytes(bytes), { signal: stop.signal });
    stop.abort();
    await expect(again).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('keeps nothing of content that was other than described', async () => {
    const { descriptor } = described('application/x', 'hello');
    for (const wrong of ['jello', 'hell', 'hello!']) {
      await expect(layout.push(descriptor, contentOfBytes(Buffer.from(wrong)))).rejects.toMatchObject({
        id: 'content-damaged',
      });
    }
    expect(await layout.exists(descriptor)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  test('loses no entry when two writers add at the same time', async () => {
    const second = await ImageLayout.open(folder);
    const types = Array.from({ length: 12 }, (_, at) => `application/x-${at}`);
    await Promise.all(types.map((type, at) => addReferrer(at % 2 ? layout : second, image, type)));
    expect(await layout.referrers(image.digest)).toHaveLength(12);
    expect(readdirSync(folder).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  test('is cleaned of what crashed writers left long ago, and of nothing younger', async () => {
    writeFileSync(join(folder, '.tidegate-old'), '');
    utimesSync(join(folder, '.tidegate-old'), 1, 1);
    writeFileSync(join(folder, '.tidegate-new'), '');
    await layout.unlist(image);
    expect(readdirSync(folder)).toContain('.tidegate-new');
    expect(readdirSync(folder)).not.toContain('.tidegate-old');
  });

  test('is not made over something that is there', async () => {
    await expect(ImageLayout.create(folder)).rejects.toMatchObject({ id: 'layout-not-empty' });
  });
});

describe('an invalid or hostile layout is rejected with a clear error:', () => {
  const evil = () => join(base, `evil-${count}`);
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf('layer linux/amd64') };
  const blobOf = (text: string) => join(folder, 'blobs', 'sha256', hexOf(digestOf(text)));
  const manifestPath = () => join(folder, 'blobs', 'sha256', hexOf(image.digest));
  const replace = (path: string, make: (path: string) => void) => {
    rmSync(path, { recursive: true });
    make(path);
  };

  test.each<[string, () => unknown, string]>([
    ['no folder', () => rm(folder, { recursive: true }), 'folder does not exist'],
    ['a file', () => replace(folder, (path) => writeFileSync(path, '')), 'folder does not exist'],
    ['an empty folder', () => rm(join(folder, 'blobs'), { recursive: true }), 'blobs is not a folder'],
    ['no oci-layout', () => rm(join(folder, 'oci-layout')), 'oci-layout is missing'],
    ['another version', () => writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}'), 'not 1.0.0'],
    ['an oci-layout that is no JSON', () => writeFileSync(join(folder, 'oci-layout'), 'x'), 'not JSON'],
    ['an oci-layout of 1 MiB', () => writeFileSync(join(folder, 'oci-layout'), ' '.repeat(1048576)), 'at most 4096'],
    ['no index.json', () => rm(indexPath()), 'index.json is missing'],
    ['an index.json of 5 MiB', () => writeFileSync(indexPath(), ' '.repeat(5 * 1048576)), 'at most 4194304'],
    [
      'an index.json that says things twice',
      () => writeFileSync(indexPath(), '{"schemaVersion":2,"schemaVersion":2}'),
      'twice',
    ],
    ['an index.json that is a list', () => writeFileSync(indexPath(), '[]'), 'not an object'],
    [
      'a digest that climbs out',
      () => editIndex((i) => ({ ...i, manifests: [{ ...image, digest: 'sha256:../../x' }] })),
      'not a digest',
    ],
    ['a negative size', () => editIndex((i) => ({ ...i, manifests: [{ ...image, size: -5 }] })), 'number of bytes'],
    [
      'index.json as a link',
      () => rename(indexPath(), evil()).then(() => symlinkSync(evil(), indexPath())),
      'symbolic link',
    ],
    [
      'index.json as a FIFO',
      () => replace(indexPath(), (path) => execFileSync('mkfifo', [path])),
      'not a regular file',
    ],
    [
      'index.json as a folder',
      () => replace(indexPath(), (path) => execFileSync('mkdir', [path])),
      'not a regular file',
    ],
    ['index.json hard-linked', () => linkSync(indexPath(), evil()), 'hard-linked'],
    [
      'blobs as a link',
      () => rename(join(folder, 'blobs'), evil()).then(() => symlinkSync(evil(), join(folder, 'blobs'))),
      'not a folder',
    ],
    [
      'a manifest as a link',
      () => rename(manifestPath(), evil()).then(() => symlinkSync(evil(), manifestPath())),
      'symbolic link',
    ],
    [
      'a manifest as a FIFO',
      () => replace(manifestPath(), (path) => execFileSync('mkfifo', [path])),
      'not a regular file',
    ],
    ['a manifest hard-linked', () => linkSync(manifestPath(), evil()), 'hard-linked'],
    ['a manifest that is missing', () => rm(manifestPath()), 'does not exist'],
    ['a manifest of another size', () => writeFileSync(manifestPath(), '{}'), 'has 2 bytes'],
    [
      'a manifest with one byte changed',
      () =>
        writeFileSync(
          manifestPath(),
          readFileSync(manifestPath(), 'utf8').replace('"size":', '"siz\u0065":').replace('layer.v1', 'layer.v2'),
        ),
      'hash to',
    ],
    [
      'a layer as a link',
      () => rename(blobOf('layer linux/amd64'), evil()).then(() => symlinkSync(evil(), blobOf('layer linux/amd64'))),
      'symbolic link',
    ],
    ['a layer cut short', () => writeFileSync(blobOf('layer linux/amd64'), 'layer'), 'has 5 bytes'],
    ['a layer of other bytes', () => writeFileSync(blobOf('layer linux/amd64'), 'Layer linux/amd64'), 'hash to'],
    ['two images', () => addImage(layout, 'linux/arm64'), 'contains 2 images'],
    ['no image', () => writeFileSync(indexPath(), '{"schemaVersion":2,"manifests":[]}'), 'contains no image'],
  ])('%s', async (_, harm, why) => {
    await harm();
    const readItAll = async () => {
      const opened = await ImageLayout.open(folder);
      await readImage(opened, await opened.root());
      await opened.fetchBytes({ ...layer, size: 'layer linux/amd64'.length });
    };
    const failure: unknown = await readItAll().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      name: 'TidegateError',
      message: expect.stringContaining(why),
      next: expect.any(String),
    });
    // A folder that is no layout is a wrong input.
    expect(failure).toMatchObject({ kind: expect.stringMatching(/^(bad-input|layout|integrity|not-found)$/) });
  });

  test('one tag on two images', async () => {
    const other = await addImage(layout, 'linux/arm64');
    const annotations = { 'org.opencontainers.image.ref.name': 'v1' };
    editIndex((index) => ({ ...index, manifests: [image, other].map((entry) => ({ ...entry, annotations })) }));
    await expect(layout.resolve('v1')).rejects.toMatchObject({ id: 'layout-damaged' });
  });
});
