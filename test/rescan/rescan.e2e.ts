/**
 * An image that is published, scanned again later: what is fetched, what is believed, what is left beside it. The
 * registry is real HTTP; Syft and Grype say what they are told to, so that the world can change between two scans.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cyclonedxStatement, makeBundle, type Trust } from '@tidegate/attest';
import { type Digest, digestOf, PredicateType, REQUIRED_BY_DEFAULT } from '@tidegate/core';
import { saysMore, verifyImage } from '@tidegate/pipeline';
import { attach } from '../interop/support/signed-image.ts';
import { silentServices } from '../support/silent.ts';
import { cyclonedxOf } from '../tool-failures/image.ts';
import {
  type Again,
  admitted,
  again,
  beside,
  type Identity,
  LOW_FINDING,
  POLICY,
  type Published,
  prepare,
  release,
  released,
  removeAll,
  SOON,
  server,
  type World,
  watch,
} from './published-image.ts';

beforeAll(prepare);
afterAll(removeAll);

const LAYER = digestOf(Buffer.alloc(1024));

describe('an image whose SBOM has a trusted signature', () => {
  let image: Published;
  let found: Again;
  let before: Record<string, number>;
  beforeAll(async () => {
    image = await released();
    before = await beside(image);
    found = await again(image, {}, [release.trust], release);
  });

  test('is scanned by that SBOM: no layer is fetched, and nothing is cataloged', () => {
    expect(found.run.programs).toEqual(['grype', 'grype']);
    expect(found.run.scanned.map(({ bomFormat }) => bomFormat)).toEqual(['CycloneDX', 'CycloneDX']);
    expect(found.asked.filter((request) => request.includes(LAYER))).toEqual([]);
  });

  test('passes, and each rule says on what', () => {
    const { verdict } = found.scanned;
    expect(verdict.rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(verdict.passed).toBe(true);
    expect(verdict.rules.find(({ rule }) => rule === 'scan-of-this-sbom')).toMatchObject({ outcome: 'pass' });
  });

  test('gains a scan of each platform and a verdict of each and of the index, signed, and nothing else', async () => {
    expect(found.attached).toBe(5);
    expect(await beside(image)).toEqual({
      ...before,
      [PredicateType.scan]: (before[PredicateType.scan] ?? 0) + 2,
      [PredicateType.verdict]: (before[PredicateType.verdict] ?? 0) + 3,
    });
    expect(await admitted(image, release.trust)).toBe(true);
    expect(server.tags(image.repository)).toEqual(new Map([['1.2.3', image.target.image.root.digest]]));
  });

  test('is compared with the newest scan before', () => {
    const platforms = image.target.image.platforms.map(({ descriptor }) => descriptor.digest);
    expect([...found.scanned.before.keys()]).toEqual(platforms);
  });
});

describe('when an advisory comes out', () => {
  test('the published image fails, and later verifications report it', async () => {
    const image = await released();
    expect(await admitted(image, release.trust)).toBe(true);
    const { scanned } = await again(image, { advisories: ['CVE-2026-0001'] }, [release.trust], release);
    expect(scanned.verdict.passed).toBe(false);
    expect(scanned.verdict.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule)).toEqual([
      'severity-threshold',
      'severity-threshold',
    ]);
    expect(await admitted(image, release.trust)).toBe(false);
    expect(server.tags(image.repository)).toEqual(new Map([['1.2.3', image.target.image.root.digest]]));
  });

  test('and passes again with a VEX statement or a new database: the newest scan counts', async () => {
    const image = await released();
    await again(image, { advisories: ['CVE-2026-0001'] }, [release.trust], release);
    await again(image, { now: new Date(SOON) }, [release.trust], release);
    const later = { ...silentServices(), clock: () => new Date(SOON) };
    const expectations = { require: REQUIRED_BY_DEFAULT, scope: 'every', policy: POLICY } as const;
    const { passed } = await verifyImage(
      image.registry,
      image.target.image.root,
      { trust: release.trust, expectations },
      later,
    );
    expect(passed).toBe(true);
  });

  test('packages that the policy denies, and licences, are looked for in the published SBOM', async () => {
    const image = await released();
    const denied = { ...POLICY, deniedPackages: ['pkg:deb/debian/base-files'] };
    const { scanned } = await again(image, {}, [release.trust], undefined, denied);
    expect(scanned.verdict.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule)).toEqual([
      'packages-denied',
      'packages-denied',
    ]);
  });
});

describe('an SBOM without a trusted signature is not used:', () => {
  const cataloging = ['syft', 'grype', 'syft', 'grype'];

  test('no signer is trusted', async () => {
    const image = await released();
    const { run, asked, scanned } = await again(image, {}, []);
    expect(run.programs).toEqual(cataloging);
    expect(run.scanned.map(({ descriptor }) => descriptor?.name)).toEqual(['syft', 'syft']);
    expect(asked.some((request) => request.includes(LAYER))).toBe(true);
    expect(scanned.verdict.passed).toBe(true);
  });

  test('it was never signed', async () => {
    const { run } = await again(await released('nobody'), {}, [release.trust]);
    expect(run.programs).toEqual(cataloging);
  });

  test('another signer signed it', async () => {
    const { run } = await again(await released(watch), {}, [release.trust]);
    expect(run.programs).toEqual(cataloging);
  });

  const spoil = async (image: Published, document: (digest: Digest) => object, by: Identity) => {
    for (const { descriptor } of image.target.image.platforms) {
      const bytes = Buffer.from(JSON.stringify(document(descriptor.digest)));
      const statement = cyclonedxStatement([{ digest: descriptor.digest }], bytes);
      await attach(
        image.registry,
        descriptor,
        await makeBundle(statement.bytes, by.signer, []),
        PredicateType.cyclonedx,
      );
    }
  };

  test('there are two different ones', async () => {
    const image = await released();
    await spoil(image, (digest) => ({ ...cyclonedxOf(digest), components: [] }), release);
    const { run } = await again(image, {}, [release.trust]);
    expect(run.programs).toEqual(cataloging);
  });

  test('it says itself that it is of something else', async () => {
    const image = await released('nobody');
    await spoil(image, () => cyclonedxOf(digestOf('another image')), release);
    const { run } = await again(image, {}, [release.trust]);
    expect(run.programs).toEqual(cataloging);
  });

  test('an empty one by a stranger changes nothing', async () => {
    const image = await released();
    await spoil(image, (digest) => ({ ...cyclonedxOf(digest), components: [] }), watch);
    const { run, scanned } = await again(image, {}, [release.trust]);
    expect(run.programs).toEqual(['grype', 'grype']);
    expect(scanned.verdict.passed).toBe(true);
  });
});

describe('advisories about Go code', () => {
  test('that is not linked in are none: the image itself is scanned, and nothing is attached a second time', async () => {
    const image = await released();
    const before = await beside(image);
    const { asked, run, scanned } = await again(image, { go: 'not linked in' }, [release.trust], release);
    expect(run.programs).toEqual(['grype', 'syft', 'grype', 'grype', 'syft', 'grype']);
    expect(asked.some((request) => request.includes(LAYER))).toBe(true);
    expect(scanned.scans.flatMap(({ evidence }) => evidence.findings)).toEqual([]);
    expect(scanned.verdict.rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(await beside(image)).toMatchObject({
      [PredicateType.spdx]: before[PredicateType.spdx],
      [PredicateType.scan]: (before[PredicateType.scan] ?? 0) + 2,
    });
    expect(await admitted(image, release.trust)).toBe(true);
  });

  test('that is linked in count', async () => {
    const image = await released();
    const { scanned } = await again(image, { go: 'linked in' }, [release.trust], release);
    expect(scanned.verdict.passed).toBe(false);
    expect(await admitted(image, release.trust)).toBe(false);
  });
});

describe('on a schedule', () => {
  test('an SBOM is signed, and read by the next rescan', async () => {
    const image = await released('nobody');
    const first = await again(image, {}, [watch.trust], watch);
    expect(first.run.programs).toContain('syft');
    expect(await beside(image)).toMatchObject({ [PredicateType.spdx]: 4, [PredicateType.cyclonedx]: 4 });
    const second = await again(image, {}, [watch.trust], watch);
    expect(second.run.programs).toEqual(['grype', 'grype']);
    expect(second.attached).toBe(5);
    expect(await beside(image)).toMatchObject({ [PredicateType.spdx]: 4, [PredicateType.cyclonedx]: 4 });
  });

  test('an equal scan is attached once the last one is old; a different one always', async () => {
    const DAY = 86_400_000;
    const image = await released();
    const worth = async (world: World, trusts: readonly Trust[] = [release.trust], after = 3 * DAY) => {
      const { scanned } = await again(image, world, trusts);
      return saysMore(scanned, after, world.now ?? new Date());
    };
    expect(await worth({})).toBe(false);
    expect(await worth({ now: new Date(Date.now() + 4 * DAY) })).toBe(true);
    expect(await worth({}, [release.trust], 0)).toBe(true);
    // Severe enough to shut the gate, or not.
    expect(await worth({ advisories: ['CVE-2026-0001'] })).toBe(true);
    // Whose word nobody takes has said nothing.
    expect(await worth({}, [watch.trust])).toBe(true);
    const { scanned } = await again(image, {}, [release.trust]);
    const [first] = scanned.scans;
    if (!first) throw new Error('there is no scan');
    const low = { ...LOW_FINDING, locations: [] };
    const changed = { ...first, evidence: { ...first.evidence, findings: [low] } };
    expect(saysMore({ ...scanned, scans: [changed] }, 3 * DAY, new Date())).toBe(true);
    const undated = new Map(
      [...scanned.before].map(([key, one]) => [key, { ...one, finishedOn: new Date(Number.NaN) }]),
    );
    expect(saysMore({ ...scanned, before: undated }, 3 * DAY, new Date())).toBe(true);
  });

  test('unsigned evidence is a scan and a verdict, and no SBOM again and again', async () => {
    const image = await released('nobody');
    const before = await beside(image);
    const { attached } = await again(image, {}, [], 'nobody');
    expect(attached).toBe(5);
    expect(await beside(image)).toMatchObject({
      [PredicateType.spdx]: before[PredicateType.spdx],
      [PredicateType.cyclonedx]: before[PredicateType.cyclonedx],
    });
  });

  test('the image itself is never signed again', async () => {
    const image = await released();
    const before = await beside(image);
    await again(image, {}, [release.trust], watch);
    expect((await beside(image))[PredicateType.signature]).toBe(before[PredicateType.signature]);
  });

  test('looking only leaves nothing', async () => {
    const image = await released();
    const { asked } = await again(image, {}, [release.trust]);
    expect(asked.filter((request) => !/^(GET|HEAD) /.test(request))).toEqual([]);
  });
});
