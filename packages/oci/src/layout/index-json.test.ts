import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Descriptor, parseDigest } from '@tidegate/core';
import { LayoutIndex } from './index-json.ts';
import { ImageLayout } from './layout.ts';

let folder: string;
let index: LayoutIndex;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-index-'));
  await ImageLayout.create(folder);
  index = new LayoutIndex(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const entry = (at: number): Descriptor => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: parseDigest(`sha256:${String(at).padStart(64, '0')}`, 'test'),
  size: at + 1,
});

describe('edits that arrive together', () => {
  test('are one writing, in their order', async () => {
    const turns = jest.spyOn(index, 'exclusive');
    const entries = Array.from({ length: 50 }, (_, at) => entry(at));
    await Promise.all(entries.map((one) => index.edit((before) => [...before, one])));
    expect(await index.entries()).toEqual(entries);
    expect(turns).toHaveBeenCalledTimes(1);
  });

  test('do not fail with one that fails', async () => {
    const edits = [0, 1, 2].map((at) =>
      index.edit((before) => {
        if (at === 1) throw new Error('not this one');
        return [...before, entry(at)];
      }),
    );
    const outcomes = await Promise.allSettled(edits);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await index.entries()).toEqual([entry(0), entry(2)]);
  });

  test('all fail where nothing can be written, and the next one does not wait for them', async () => {
    await rm(join(folder, 'index.json'));
    const edits = [0, 1].map((at) => index.edit((before) => [...before, entry(at)]));
    const outcomes = await Promise.allSettled(edits);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(index.edit((before) => before)).rejects.toThrow(/index\.json is missing/);
  });
});
