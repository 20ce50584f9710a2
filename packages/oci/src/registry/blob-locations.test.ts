import { expect, test } from '@jest/globals';
import { deferred, digestOf } from '@tidegate/core';
import { BlobLocations } from './blob-locations.ts';

const digest = digestOf('layer');
const place = (repository: string, registry = 'one.example') => ({ registry, repository });

test('a blob that was brought is present there, and known to the next repository of the same registry', async () => {
  const locations = new BlobLocations();
  expect(await locations.ensure(place('acme/a'), digest, async () => 'sent')).toBe('sent');
  const never = async () => {
    throw new Error('asked again');
  };
  expect(await locations.ensure(place('acme/a'), digest, never)).toBe('present');
  const seen: (readonly string[])[] = [];
  const look = async (others: readonly string[]) => {
    seen.push(others);
    return 'mounted' as const;
  };
  await locations.ensure(place('acme/b'), digest, look);
  await locations.ensure(place('acme/b', 'two.example'), digest, look);
  expect(seen).toEqual([['acme/a'], []]);
});

test('who comes while it is under way waits for it, in the same repository or another', async () => {
  const locations = new BlobLocations();
  const { promise, resolve } = deferred<'sent'>();
  const first = locations.ensure(place('acme/a'), digest, () => promise);
  const calls: (readonly string[])[] = [];
  const work = async (others: readonly string[]) => {
    calls.push(others);
    return 'mounted' as const;
  };
  const same = locations.ensure(place('acme/a'), digest, work);
  const other = locations.ensure(place('acme/b'), digest, work);
  resolve('sent');
  expect(await Promise.all([first, same, other])).toEqual(['sent', 'present', 'mounted']);
  expect(calls).toEqual([['acme/a']]);
});

test('who waited for a failure tries itself', async () => {
  const locations = new BlobLocations();
  const first = locations.ensure(place('acme/a'), digest, async () => {
    throw new Error('cut');
  });
  const second = locations.ensure(place('acme/a'), digest, async () => 'sent');
  await expect(first).rejects.toThrow('cut');
  expect(await second).toBe('sent');
});

test('who waits and is cancelled says so at once, and what it waited for goes on', async () => {
  const locations = new BlobLocations();
  const { promise, resolve } = deferred<'sent'>();
  const first = locations.ensure(place('acme/a'), digest, () => promise);
  const stop = new AbortController();
  const second = locations.ensure(place('acme/b'), digest, async () => 'mounted', stop.signal);
  stop.abort();
  await expect(second).rejects.toMatchObject({ kind: 'cancelled' });
  resolve('sent');
  expect(await first).toBe('sent');
});
