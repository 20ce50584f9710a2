import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, type TidegateError } from '@tidegate/core';
import { Registry } from '@tidegate/oci';
import { readEvidence, TRUST_NONE } from '../evidence/store.ts';
import { compared, LIVE, newImages } from './baseline.fixture.ts';
import { keepBaseline } from './kept.ts';
import { assertStillLive } from './still-live.ts';

let images: Awaited<ReturnType<typeof newImages>>;
beforeAll(async () => {
  images = await newImages();
});
afterAll(() => images.remove());

describe('between scan and push', () => {
  type Before = ReadonlyMap<string, ReturnType<typeof digestOf>>;
  const told = async (
    over: Partial<typeof LIVE>,
    before: Before,
    more: readonly { readonly registry: Registry; readonly before: Before }[] = [],
  ) => {
    const target = await images.imageWith({ findings: { 'CVE-1': 'high' } });
    await keepBaseline(target, compared([{ ...LIVE, ...over }], { 'CVE-1': 'high' }, 'key'));
    const evidence = await readEvidence(target, TRUST_NONE);
    const registry = new Registry({ registry: 'ghcr.io', repository: 'acme/app' });
    return (alreadyLive: 'fail' | 'report' = 'report') =>
      assertStillLive({ alreadyLive }, evidence, target, [{ registry, before }, ...more]);
  };
  const conflict = expect.objectContaining({ kind: 'conflict' } satisfies Partial<TidegateError>);

  test('the tag may stay', async () => {
    const check = await told({}, new Map([['latest', LIVE.digest]]));
    expect(check).not.toThrow();
  });

  test('no destination is added, whatever its tag points to', async () => {
    const before = new Map([['latest', LIVE.digest]]);
    const check = await told({}, before, [
      { registry: new Registry({ registry: 'ghcr.io', repository: 'a/b' }), before },
    ]);
    expect(() => check()).toThrow(/^The image was compared with .*, but not with that of ghcr\.io\/a\/b\.$/);
    expect(() => check()).toThrow(conflict);
  });

  test.each<[string, Partial<typeof LIVE>, ReadonlyMap<string, ReturnType<typeof digestOf>>]>([
    ['a tag that was moved', {}, new Map([['latest', digestOf('newer')]])],
    ['a tag that the push does not set', { tag: 'old' }, new Map([['latest', LIVE.digest]])],
    ['another repository', { repository: 'ghcr.io/acme/other' }, new Map([['latest', LIVE.digest]])],
  ])('%s refuses the image', async (_, over, before) => {
    const check = await told(over, before);
    expect(() => check()).toThrow(conflict);
    expect(() => check('fail')).not.toThrow();
  });
});
