import { describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf } from '@tidegate/core';
import type { Store } from '@tidegate/oci';
import { Lane, SignedContents } from './signed-contents.ts';

const SIZE = 32 * 1024 * 1024;
const store = { name: 'ghcr.io/acme/app', fetchBytes: async () => new Uint8Array() } as Partial<Store> as Store;
const contents = () => new SignedContents(store, new AbortController().signal);

describe('users are warned', () => {
  test('when one manifest has a tenth of the signatures that are read', () => {
    const read = contents();
    read.noteListed(499);
    expect(read.warning).toBeUndefined();
    read.noteListed(500);
    read.noteListed(3);
    expect(read.warning).toMatch(
      /500 signatures on one manifest; at most 5000 are read\. Remove old ones, .*keep-scans/,
    );
  });

  test('when an image has a quarter of the bytes that are read', async () => {
    const read = contents();
    const content: Descriptor = { mediaType: 'application/json', digest: digestOf('bundle'), size: SIZE };
    for (let count = 0; count < 7; count += 1) await read.read(content, () => {});
    expect(read.warning).toBeUndefined();
    await read.read(content, () => {});
    expect(read.warning).toMatch(/268435456 bytes of signatures; at most 1073741824 are read/);
  });
});

test('a body that never ends is given up when the time is over, and the next one is read', async () => {
  const lane = new Lane();
  const hanging = {
    name: 'ghcr.io/acme/slow',
    fetchBytes: (_: Descriptor, { signal }: { signal: AbortSignal }) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  } as unknown as Store;
  const content: Descriptor = { mediaType: 'application/json', digest: digestOf('bundle'), size: SIZE };
  const { signal } = new AbortController();
  const slow = new SignedContents(hanging, signal, { milliseconds: 50, lane });
  const waiting = new SignedContents(store, signal, { lane });
  const [first, second] = [slow.read(content, () => 'slow'), waiting.read(content, () => 'read')];
  await expect(first).rejects.toThrow('reading the signatures in ghcr.io/acme/slow takes too long');
  await expect(second).resolves.toBe('read');
});
