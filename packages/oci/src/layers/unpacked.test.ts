import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, type Digest, digestOf, MediaType } from '@tidegate/core';
import { platformView } from '../image/platform-view.ts';
import { ImageLayout } from '../layout/layout.ts';

import { contentOfBytes } from '../verified.ts';
import { type LayerToUnpack, UnpackedLayers } from './unpacked.ts';
import { walkLayer } from './walk.ts';

let folder = '';
let layout: ImageLayout;
let unpacked: UnpackedLayers;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpacked-'));
  layout = await ImageLayout.create(join(folder, 'layout'));
  unpacked = new UnpackedLayers(join(folder, 'unpacked'), { least: 0 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An archive of nothing, which begins with these bytes. */
const archive = (beginning = 'file') => Buffer.concat([Buffer.from(beginning, 'latin1'), Buffer.alloc(1024)]);

async function put(bytes: Buffer, mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await layout.push(descriptor, contentOfBytes(bytes));
  return descriptor;
}

async function packed(tar: Buffer, diffId: Digest = digestOf(tar)): Promise<LayerToUnpack> {
  return { layer: await put(gzipSync(tar)), diffId };
}

const left = () => readdir(join(folder, 'unpacked', 'sha256')).catch(() => []);

describe('a layer is unpacked once for several readers', () => {
  test('into a file of its bytes, with the name of the packed layer', async () => {
    const one = await packed(archive());
    expect(unpacked.fileOf(one)).toBeUndefined();
    expect(await unpacked.unpack(layout, [one, one])).toBe(true);
    const file = unpacked.fileOf(one) ?? '';
    expect(await readFile(file)).toEqual(archive());
    expect((await stat(file)).mode & 0o77).toBe(0);
    expect(await left()).toEqual([one.layer.digest.slice('sha256:'.length)]);
    await unpacked.dispose();
    expect(await readdir(folder)).toEqual(['layout']);
  });

  test('unless the image is so small that unpacking takes as long as it saves', async () => {
    const [one, two] = [await packed(archive('one')), await packed(archive('two'))];
    const least = one.layer.size + two.layer.size;
    unpacked = new UnpackedLayers(join(folder, 'unpacked'), { least });
    expect(await unpacked.unpack(layout, [one])).toBe(false);
    expect(unpacked.fileOf(one)).toBeUndefined();
    expect(await readdir(folder)).toEqual(['layout']);
    expect(await unpacked.unpack(layout, [one, two])).toBe(true);
    unpacked = new UnpackedLayers(join(folder, 'others'));
    expect(await unpacked.unpack(layout, [one, two])).toBe(false);
  });

  test('the check of its contents reads that file, and no longer the blob', async () => {
    const tar = Buffer.alloc(1024);
    const one = await packed(tar);
    await unpacked.unpack(layout, [one]);
    await rm(join(folder, 'layout', 'blobs'), { recursive: true });
    const read = await walkLayer(layout, one.layer, one.diffId, () => undefined, { unpacked });
    expect(read).toEqual({ entries: 0, size: tar.length });
    // Not for an image that claims other contents of the same layer.
    await expect(
      walkLayer(layout, one.layer, digestOf(Buffer.from('x')), () => undefined, { unpacked }),
    ).rejects.toThrow();
  });

  test('a view of a platform has the unpacked files under the names of the packed ones', async () => {
    const one = await packed(archive());
    const config = await put(Buffer.from('{}'), MediaType.config);
    const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [one.layer] };
    const image = await put(Buffer.from(JSON.stringify(manifest)), MediaType.manifest);
    await unpacked.unpack(layout, [one]);
    const view = await platformView(layout, image, join(folder, 'view'), { unpacked });
    const blob = ({ digest }: Descriptor) => readFile(join(view, 'blobs', 'sha256', digest.slice('sha256:'.length)));
    expect(await blob(one.layer)).toEqual(archive());
    expect(String(await blob(config))).toBe('{}');
    expect(JSON.parse(String(await blob(image)))).toEqual(manifest);
  });
});

describe('a layer stays packed, and leaves no file,', () => {
  test('if it is not what the config says', async () => {
    const one = await packed(archive(), digestOf(archive('other')));
    expect(await unpacked.unpack(layout, [one])).toBe(false);
    expect(unpacked.fileOf(one)).toBeUndefined();
    expect(await left()).toEqual([]);
  });

  // Syft would decompress it once more, and read another archive than the one that a runtime unpacks.
  test.each([
    ['gzip', '\x1f\x8b\x08\x00'],
    ['zstd', '\x28\xb5\x2f\xfd'],
  ])('if its archive begins like a file compressed with %s', async (_what, beginning) => {
    const one = await packed(archive(beginning));
    expect(await unpacked.unpack(layout, [one])).toBe(false);
    expect(await left()).toEqual([]);
  });

  test('also if those bytes arrive one by one', async () => {
    const tar = archive('\x1f\x8b\x08\x00');
    const pieces = [...tar.subarray(0, 4)].map((byte) => gzipSync(Buffer.of(byte)));
    const layer = await put(Buffer.concat([...pieces, gzipSync(tar.subarray(4))]));
    expect(await unpacked.unpack(layout, [{ layer, diffId: digestOf(tar) }])).toBe(false);
  });

  test('if it is not compressed, is damaged, or is missing', async () => {
    const plain = { layer: await put(archive()), diffId: digestOf(archive()) };
    const damaged = { layer: await put(gzipSync(archive()).subarray(0, 20)), diffId: digestOf(archive()) };
    const missing = { layer: { ...plain.layer, digest: digestOf(Buffer.from('missing')) }, diffId: plain.diffId };
    for (const one of [plain, damaged, missing]) expect(await unpacked.unpack(layout, [one])).toBe(false);
    expect(await left()).toEqual([]);
  });

  test('if there is no space for it', async () => {
    const one = await packed(archive());
    unpacked = new UnpackedLayers(join(folder, 'unpacked'), { least: 0, most: archive().length - 1 });
    expect(await unpacked.unpack(layout, [one])).toBe(false);
    expect(await left()).toEqual([]);
  });

  test('if another image has unpacked it and this one claims other contents', async () => {
    const one = await packed(archive());
    const other = { ...one, diffId: digestOf(archive('other')) };
    expect(await unpacked.unpack(layout, [one])).toBe(true);
    expect(await unpacked.unpack(layout, [other])).toBe(false);
    expect(unpacked.fileOf(one)).toBeDefined();
    expect(unpacked.fileOf(other)).toBeUndefined();
  });
});

test('a cancelled run stops, and leaves no file', async () => {
  const one = await packed(archive());
  const signal = AbortSignal.abort(new Error('stopped'));
  await expect(unpacked.unpack(layout, [one], { signal })).rejects.toThrow();
  expect(await left()).toEqual([]);
});
