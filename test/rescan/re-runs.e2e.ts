/** The same commit, run again and again: what is published a second time, and what is not. RE_RUNS=50 runs it fifty times. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cyclonedxStatement, makeBundle } from '@tidegate/attest';
import { PredicateType } from '@tidegate/core';
import { median } from '../bench/figures.ts';
import { keepFigures } from '../faults/figures.ts';
import { attach } from '../interop/support/signed-image.ts';
import { cyclonedxOf } from '../tool-failures/image.ts';
import {
  admitted,
  again,
  beside,
  type Published,
  prepare,
  release,
  released,
  removeAll,
  rerun,
  server,
  watch,
} from './published-image.ts';

const RUNS = Number(process.env.RE_RUNS ?? 12);
const HOUR = 3_600_000;

beforeAll(() => prepare());
afterAll(removeAll);

describe(`${RUNS} further runs of the same commit`, () => {
  let image: Published;
  let before: Record<string, number>;
  const requests: number[] = [];
  const milliseconds: number[] = [];
  beforeAll(async () => {
    image = await released();
    before = await beside(image);
    for (let run = 0; run < RUNS; run += 1) {
      const from = server.requests.length;
      const begun = performance.now();
      await rerun(image);
      milliseconds.push(performance.now() - begun);
      requests.push(server.requests.length - from);
    }
  }, 300_000);

  test('attach nothing: their SBOMs, provenance, scans and verdicts say the same', async () => {
    expect(await beside(image)).toEqual(before);
    const fifth = Math.ceil(RUNS / 5);
    await keepFigures('re-runs', 'e2e', {
      runs: RUNS,
      referrers: Object.values(before).reduce((sum, count) => sum + count, 0),
      'requests of a run': requests.at(-1),
      'first fifth, ms a run': Math.round(median(milliseconds.slice(0, fifth))),
      'last fifth, ms a run': Math.round(median(milliseconds.slice(-fifth))),
    });
  });

  test('cost the same number of requests each, and write nothing but the tag', () => {
    expect(new Set(requests).size).toBe(1);
    const writes = server.requests
      .slice(-(requests.at(-1) ?? 0))
      .filter(({ method }) => !['GET', 'HEAD'].includes(method));
    expect(writes.map(({ url }) => url).filter((url) => !url.endsWith('/1.2.3') && !url.includes('uploads'))).toEqual(
      [],
    );
  });

  test('leave an image that passes verification, and whose SBOM a rescan reads', async () => {
    expect(await admitted(image, release.trust)).toBe(true);
    expect((await again(image, {}, [release.trust])).run.programs).toEqual(['grype', 'grype']);
  });
});

describe('a further run of the same commit', () => {
  const gained = async (image: Published, work: () => Promise<unknown>) => {
    const before = await beside(image);
    await work();
    const now = await beside(image);
    return Object.fromEntries(
      Object.keys(now).flatMap((type) =>
        now[type] === before[type] ? [] : [[type, (now[type] ?? 0) - (before[type] ?? 0)]],
      ),
    );
  };

  test('attaches its scan and verdict if something became known, and no SBOM, provenance or signature', async () => {
    const image = await released();
    expect(await gained(image, () => rerun(image, { advisories: ['CVE-2026-0001'] }))).toEqual({
      [PredicateType.scan]: 2,
      [PredicateType.verdict]: 3,
    });
  });

  test('attaches them if half of the allowed age of the scan is over', async () => {
    const image = await released();
    expect(await gained(image, () => rerun(image, { now: new Date(Date.now() + 11 * HOUR) }))).toEqual({});
    expect(await gained(image, () => rerun(image, { now: new Date(Date.now() + 13 * HOUR) }))).toEqual({
      [PredicateType.scan]: 2,
      [PredicateType.verdict]: 3,
    });
  });

  test('by another signer attaches everything of its own', async () => {
    const image = await released();
    const first = await beside(image);
    expect(await gained(image, () => rerun(image, {}, watch))).toEqual(first);
    expect(await admitted(image, watch.trust)).toBe(true);
  });

  test('takes no SBOM that somebody else signed or that lists something else', async () => {
    const image = await released('nobody');
    for (const { descriptor } of image.target.image.platforms) {
      for (const by of [release, watch]) {
        const document = {
          ...cyclonedxOf(descriptor.digest),
          components: by === release ? [] : cyclonedxOf(descriptor.digest).components,
        };
        const { bytes } = cyclonedxStatement([{ digest: descriptor.digest }], Buffer.from(JSON.stringify(document)));
        await attach(image.registry, descriptor, await makeBundle(bytes, by.signer, []), PredicateType.cyclonedx);
      }
    }
    expect(await gained(image, () => rerun(image))).toMatchObject({ [PredicateType.cyclonedx]: 2 });
  });

  test('that always finds something else keeps the newest of its scans', async () => {
    const image = await released();
    const before = await beside(image);
    for (let run = 1; run <= 5; run += 1) {
      const now = new Date(Date.now() + run * 60_000);
      await rerun(image, { advisories: [`CVE-2026-${1000 + run}`], now, keep: 2 });
    }
    expect(await beside(image)).toEqual({ ...before, [PredicateType.scan]: 4, [PredicateType.verdict]: 6 });
  });
});
