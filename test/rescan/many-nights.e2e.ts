/**
 * A published image that is scanned every night: what collects beside it, and what each night costs. The registry is
 * real HTTP; Syft and Grype say what they are told to, and something else each night, so that each night has evidence
 * to attach. A quarter of a hundred nights is enough to pass the number that is kept twice; NIGHTS=100 runs a hundred.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PredicateType } from '@tidegate/core';
import { median } from '../bench/figures.ts';
import { keepFigures } from '../faults/figures.ts';
import {
  type Again,
  admitted,
  again,
  beside,
  type Published,
  prepare,
  release,
  released,
  removeAll,
  server,
  watch,
} from './published-image.ts';

const NIGHTS = Number(process.env.NIGHTS ?? 25);
const KEEP = 10;
/** Platforms of the image, and with the index all its manifests. */
const [PLATFORMS, MANIFESTS] = [2, 3];

describe.each([
  { api: true, list: 'lists referrers' },
  { api: false, list: 'has no referrers API' },
])(`${NIGHTS} nightly scans with new results, where the registry $list`, ({ api }) => {
  let image: Published;
  let before: Record<string, number>;
  const nights: Again[] = [];
  const milliseconds: number[] = [];

  beforeAll(async () => {
    await prepare({ referrers: api });
    image = await released();
    before = await beside(image);
    for (let night = 1; night <= NIGHTS; night += 1) {
      // The last one finds nothing, so that the image is admitted.
      const advisories = night < NIGHTS ? [`CVE-2026-${1000 + night}`] : [];
      const world = { advisories, now: new Date(Date.now() + night * 20_000), keep: KEEP };
      const from = performance.now();
      nights.push(await again(image, world, [release.trust, watch.trust], watch));
      milliseconds.push(performance.now() - from);
    }
  }, 600_000);
  afterAll(removeAll);

  test('each attaches its evidence, and none catalogs the image', () => {
    expect(nights.map(({ attached }) => attached)).toEqual(nights.map(() => PLATFORMS + MANIFESTS));
    expect(nights.flatMap(({ run }) => run.programs).includes('syft')).toBe(false);
  });

  test('leave the newest of their own, and everything that the release signed', async () => {
    const left = await beside(image);
    expect(left).toEqual({
      ...before,
      [PredicateType.scan]: (before[PredicateType.scan] ?? 0) + KEEP * PLATFORMS,
      // Besides the newest ones the last that passed is kept: here it is one of them.
      [PredicateType.verdict]: (before[PredicateType.verdict] ?? 0) + KEEP * MANIFESTS,
    });
  });

  test('each cost as many requests as the one before, once the number is reached', () => {
    const requests = nights.map(({ asked }) => asked.length);
    const settled = requests.slice(KEEP + 1);
    expect(Math.max(...settled)).toBe(Math.min(...settled));
    expect(settled).toHaveLength(NIGHTS - KEEP - 1);
  });

  test('took as long at the end as at the beginning, on a machine that does other things too', async () => {
    const quarter = Math.floor(NIGHTS / 4);
    const [first, last] = [
      median(milliseconds.slice(KEEP + 1, KEEP + 1 + quarter)),
      median(milliseconds.slice(-quarter)),
    ];
    const referrers = Object.values(await beside(image)).reduce((sum, count) => sum + count, 0);
    await keepFigures(`many-nights${api ? '' : '-fallback'}`, 'e2e', {
      nights: NIGHTS,
      'referrers before': Object.values(before).reduce((sum, count) => sum + count, 0),
      'referrers after': referrers,
      'requests of a night': nights.at(-1)?.asked.length,
      'first quarter, ms a night': Math.round(first),
      'last quarter, ms a night': Math.round(last),
    });
    expect(last).toBeLessThan(3 * first);
  });

  test('are followed by a verification that passes', async () => {
    const { registry, target } = image;
    expect(await admitted({ registry, target, repository: image.repository }, watch.trust)).toBe(false);
    const both = { publicKeys: [...release.trust.publicKeys, ...watch.trust.publicKeys] };
    expect(await admitted(image, both)).toBe(true);
    expect(server.tags(image.repository).get('1.2.3')).toBe(target.image.root.digest);
  });
});
