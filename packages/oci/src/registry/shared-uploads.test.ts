import { expect, test } from '@jest/globals';
import { deferred, digestOf } from '@tidegate/core';
import { SharedUploads } from './shared-uploads.ts';

const digest = digestOf('layer');
const never = async () => {
  throw new Error('uploaded again');
};

test('an uploaded blob is not uploaded again', async () => {
  const uploads = new SharedUploads();
  expect(await uploads.once(digest, async () => 'sent')).toBe('sent');
  expect(await uploads.once(digest, never)).toBe('present');
  expect(await uploads.once(digestOf('another layer'), async () => 'mounted')).toBe('mounted');
});

test('a concurrent caller waits for a pending upload', async () => {
  const uploads = new SharedUploads();
  const { promise, resolve } = deferred<'sent'>();
  const first = uploads.once(digest, () => promise);
  const second = uploads.once(digest, never);
  resolve('sent');
  expect(await Promise.all([first, second])).toEqual(['sent', 'present']);
});

test('a caller that waited for a failed upload uploads the blob itself', async () => {
  const uploads = new SharedUploads();
  const first = uploads.once(digest, async () => {
    throw new Error('cut');
  });
  const second = uploads.once(digest, async () => 'sent');
  await expect(first).rejects.toThrow('cut');
  expect(await second).toBe('sent');
});

test('a cancelled caller stops waiting at once, and the upload goes on', async () => {
  const uploads = new SharedUploads();
  const { promise, resolve } = deferred<'sent'>();
  const first = uploads.once(digest, () => promise);
  const stop = new AbortController();
  const second = uploads.once(digest, never, stop.signal);
  stop.abort();
  await expect(second).rejects.toMatchObject({ kind: 'cancelled' });
  resolve('sent');
  expect(await first).toBe('sent');
});
