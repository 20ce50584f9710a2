import { describe, expect, test } from '@jest/globals';
import type { SbomEvidence, ScanEvidence } from '../../evidence.ts';
import type { Policy } from '../../policy.ts';
import { AMD64, COMPONENTS, failedRules, judge, resultsOf, soundEvidence, spoiltOnAmd64 } from '../sound.fixture.ts';

const RULE = 'scan-distribution-known';
const isAmd64 = ({ subject }: { subject: string }) => subject === AMD64.descriptor.digest;

/** Sound evidence with changes to the SBOM and scan of amd64. */
function evidence(scan: Partial<ScanEvidence>, sbom: Partial<SbomEvidence> = {}) {
  return soundEvidence().map((one) => {
    if (!isAmd64(one)) return one;
    if (one.kind === 'scan') return { ...one, ...scan };
    return one.kind === 'sbom' && one.format === 'syft' ? { ...one, ...sbom } : one;
  });
}
function scannedAs(distribution: string | undefined, covered: readonly string[], more: Partial<ScanEvidence> = {}) {
  return spoiltOnAmd64('scan', ({ distribution: _, ...scan }) => ({
    ...scan,
    ...(distribution === undefined ? {} : { distribution }),
    covered,
    ...more,
  }));
}
const why = (verdict: ReturnType<typeof judge>) => resultsOf(verdict, RULE)[0]?.why;

describe('a scan of packages of a distribution', () => {
  test('passes when the scanner knows the distribution and the database its release', () => {
    const verdict = judge(soundEvidence());
    expect(failedRules(verdict)).toEqual([]);
    expect(why(verdict)).toBe('The database has advisories for debian 12.');
  });

  test.each<[string, readonly [string | undefined, readonly string[]], string]>([
    [
      'a distribution that the scanner does not know',
      [undefined, []],
      'linux/amd64: the scanner does not know the distribution debian 12: 1 deb package was not scanned.',
    ],
    [
      'a release that the database does not know',
      ['debian 12', []],
      'linux/amd64: the vulnerability database has no advisories for this release (debian 12): 1 deb package was not scanned.',
    ],
    [
      "another distribution's name",
      ['alpine 3.19', ['apk']],
      'linux/amd64: the vulnerability database has no advisories for this release (debian 12, scanned as alpine 3.19): 1 deb package was not scanned.',
    ],
  ])('fails for %s', (_, [distribution, covered], expected) => {
    const verdict = judge(scannedAs(distribution, covered));
    expect(failedRules(verdict)).toEqual([RULE]);
    expect(why(verdict)).toBe(expected);
  });

  test('fails where the packages of one of two kinds are not matched', () => {
    const components = [...COMPONENTS, { name: 'bash', version: '5', type: 'rpm', licenses: [] }];
    const verdict = judge(evidence({}, { components }));
    expect(failedRules(verdict)).toEqual([RULE]);
    expect(why(verdict)).toContain('1 rpm package was not scanned');
  });

  test('of which the catalog is not at hand is held to the SBOMs that are', () => {
    const published = (covered: readonly string[]) =>
      evidence({ covered, sbom: AMD64.descriptor.digest }).filter(
        (one) => !(one.kind === 'sbom' && one.format === 'syft'),
      );
    const policy: Partial<Policy> = { require: [], sbomFormats: ['cyclonedx'] };
    expect(resultsOf(judge(published(['deb']), policy), RULE)[0]?.outcome).toBe('pass');
    expect(why(judge(published([]), policy))).toContain('3 OS packages were not scanned');
  });
});

describe('a release that is past its end of life', () => {
  test('fails, unless the policy reports it', () => {
    const old = scannedAs('debian 12', ['deb'], { endOfLife: 80 });
    expect(failedRules(judge(old))).toEqual([RULE]);
    expect(why(judge(old))).toContain('debian 12 is past its end of life');
    expect(failedRules(judge(old, { endOfLife: 'report' }))).toEqual([]);
  });
});

describe('a release that replaces another', () => {
  const standIns = [{ image: 'acmeos 1.0', as: 'debian 12', reason: 'Built from its packages.' }];
  const derived = (standIn?: string) =>
    evidence(
      { distribution: 'debian 12', covered: ['deb'], ...(standIn === undefined ? {} : { standIn }) },
      { distribution: 'acmeos 1.0' },
    );
  test('is named in the verdict, where the policy decided it', () => {
    expect(why(judge(derived('debian 12'), { standIns }))).toBe(
      'The database has advisories for acmeos 1.0 as debian 12, debian 12.',
    );
  });
  test.each([
    ['the policy does not name it', {}],
    ['the policy names another', { standIns: [{ image: 'acmeos 1.0', as: 'debian 13', reason: 'x' }] }],
    ['the policy names it for another image', { standIns: [{ image: 'acmeos 2.0', as: 'debian 12', reason: 'x' }] }],
  ])('fails where %s', (_, policy) => {
    const verdict = judge(derived('debian 12'), policy);
    expect(failedRules(verdict)).toEqual([RULE]);
    expect(why(verdict)).toContain(
      'acmeos 1.0 was scanned as debian 12, but distribution.stand-ins of the policy does not allow it',
    );
  });
});

describe('an image without packages of a distribution', () => {
  const static_ = { components: [{ name: 'x', version: 'v1', type: 'go-module', licenses: [] }], osPackages: 0 };
  test('passes, whatever the scanner makes of it', () => {
    expect(failedRules(judge(evidence({ covered: [] }, static_)))).toEqual([]);
    const { distribution: _, ...none } = soundEvidence().find((one) => one.kind === 'scan') as ScanEvidence;
    expect(failedRules(judge(evidence({ ...none, covered: [] }, static_)))).toEqual([]);
  });
});
