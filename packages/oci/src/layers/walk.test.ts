import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Descriptor, type Digest, digestOf, hasKind } from '@tidegate/core';

import { scratchFolder } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { contentOfBytes } from '../verified.ts';
import { archive, pax } from './tar.fixture.ts';
import { type WalkLimits, walkLayer } from './walk.ts';

const folder = scratchFolder('walk');
const layout = await ImageLayout.create(folder);
afterAll(() => rm(folder, { recursive: true, force: true }));

const TAR = archive({ name: 'a', content: 'alpha' }, { name: 'b', content: 'beta'.repeat(50_000) });
const GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';

async function layerOf(bytes: Buffer, mediaType = GZIP): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await layout.push(descriptor, contentOfBytes(bytes));
  return descriptor;
}

async function walked(
  bytes: Buffer,
  { diffId = digestOf(TAR), limits = {} }: { diffId?: Digest; limits?: WalkLimits } = {},
) {
  const found: Record<string, number> = {};
  const onEntry = ({ path }: { path: string }) => {
    found[path] = 0;
    return (piece: Buffer) => {
      found[path] = (found[path] ?? 0) + piece.length;
    };
  };
  const facts = await walkLayer(layout, await layerOf(bytes), diffId, onEntry, { limits });
  return { found, facts };
}

/** A skippable frame, as zstd:chunked layers end in one. */
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const half = TAR.length >> 1;

describe('a layer is read whichever way it is packed', () => {
  test.each([
    ['not at all', TAR],
    ['gzip', gzipSync(TAR)],
    ['gzip in two members', Buffer.concat([gzipSync(TAR.subarray(0, half)), gzipSync(TAR.subarray(half))])],
    ['zstd', zstdCompressSync(TAR)],
    [
      'zstd in two frames',
      Buffer.concat([zstdCompressSync(TAR.subarray(0, half)), zstdCompressSync(TAR.subarray(half))]),
    ],
    ['zstd with skippable frames', Buffer.concat([SKIPPABLE, zstdCompressSync(TAR), SKIPPABLE])],
  ])('%s', async (_, bytes) => {
    const { found, facts } = await walked(bytes);
    expect(found).toEqual({ a: 5, b: 200_000 });
    expect(facts).toEqual({ entries: 2, size: TAR.length });
  });

  test('an empty archive', async () => {
    const empty = Buffer.alloc(1024);
    expect((await walked(gzipSync(empty), { diffId: digestOf(empty) })).facts).toEqual({ entries: 0, size: 1024 });
  });
});

const cut = (bytes: Buffer) => bytes.subarray(0, bytes.length - 20);
const bomb = Buffer.alloc(8 << 20);
const SPARSE = archive(
  pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': String(2 ** 40) }),
  { content: '0\n'.padEnd(512, '\0') },
);

describe('a layer is refused', () => {
  test.each<[string, Buffer, { diffId?: Digest; limits?: WalkLimits }, RegExp]>([
    ['that unpacks to other bytes than its config says', gzipSync(archive({ name: 'other' })), {}, /config says/],
    ['whose gzip is cut', cut(gzipSync(TAR)), {}, /decompression failed/],
    [
      'whose gzip has garbage inside',
      Buffer.concat([gzipSync(TAR).subarray(0, 100), Buffer.alloc(100)]),
      {},
      /decompression failed|checksum/,
    ],
    ['whose zstd is cut', cut(zstdCompressSync(TAR)), {}, /truncated|decompression failed/],
    [
      'with text between zstd frames',
      Buffer.concat([zstdCompressSync(TAR), Buffer.from('text')]),
      {},
      /not a valid zstd stream/,
    ],
    [
      'with a zstd block of no known type',
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 7, 0, 0, 0]),
      {},
      /unknown type|decompression failed/,
    ],
    [
      'that ends within a skippable frame',
      Buffer.concat([zstdCompressSync(TAR), SKIPPABLE.subarray(0, 9)]),
      {},
      /truncated/,
    ],
    ['that is no archive', gzipSync('hello'.repeat(1000)), {}, /no archive|checksum/],
    ['that unpacks to more than allowed', gzipSync(TAR), { limits: { bytes: 1000 } }, /bomb/],
    [
      'that unpacks to far more than it has',
      gzipSync(bomb),
      { limits: { ratioFrom: 1 << 20 }, diffId: digestOf(bomb) },
      /bomb/,
    ],
    [
      'that unpacks by zstd to far more than it has',
      zstdCompressSync(bomb),
      { limits: { ratioFrom: 1 << 20 } },
      /bomb/,
    ],
    [
      'whose sparse file takes far more room than the archive has',
      gzipSync(SPARSE),
      { limits: { ratioFrom: 1 << 20 }, diffId: digestOf(SPARSE) },
      /bomb/,
    ],
    ['of nothing', Buffer.alloc(0), {}, /config says/],
  ])('%s', async (_, bytes, options, why) => {
    const error = await walked(bytes, options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(hasKind(error, 'integrity')).toBe(true);
    expect(String(error)).toMatch(why);
  });

  test('whose blob was changed on disk', async () => {
    const descriptor = await layerOf(gzipSync(TAR, { level: 1 }));
    const file = join(folder, 'blobs', 'sha256', descriptor.digest.slice(7));
    const bytes = await readFile(file);
    // A header field that gunzip does not look at: only the digest tells.
    bytes[9] = 7;
    await chmod(file, 0o644);
    await writeFile(file, bytes);
    const walking = walkLayer(layout, descriptor, digestOf(TAR), () => undefined);
    await expect(walking).rejects.toThrow(/the bytes hash to/);
  });

  test('that is no longer needed', async () => {
    const signal = AbortSignal.abort();
    const walking = walkLayer(layout, await layerOf(gzipSync(TAR)), digestOf(TAR), () => undefined, { signal });
    await expect(walking).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
