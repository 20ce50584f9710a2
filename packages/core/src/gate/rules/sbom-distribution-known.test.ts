import { describe, expect, test } from '@jest/globals';
import { failedRules, judge, resultsOf, spoilt, spoiltOnAmd64 } from '../sound.fixture.ts';

describe('sbom-distribution-known', () => {
  test('packages of an unknown distribution match no advisory', () => {
    const nameless = spoiltOnAmd64('sbom', ({ distribution: _, ...sbom }) => sbom);
    const verdict = judge(nameless);
    expect(failedRules(verdict)).toEqual(['sbom-distribution-known']);
    expect(resultsOf(verdict, 'sbom-distribution-known')[0]?.why).toContain(
      'the distribution of 3 system packages is unknown',
    );
  });

  test('holds whether or not the policy requires an SBOM', () => {
    const nameless = spoilt('sbom', ({ distribution: _, ...sbom }) => sbom);
    expect(failedRules(judge(nameless, { require: [] }))).toEqual(['sbom-distribution-known']);
  });

  test('an empty name is no name', () => {
    const nameless = spoilt('sbom', (sbom) => ({ ...sbom, distribution: '' }));
    expect(failedRules(judge(nameless))).toEqual(['sbom-distribution-known']);
  });

  test('files of a distribution without its packages mean that the catalog missed them', () => {
    const traces = spoiltOnAmd64('sbom', ({ distribution: _, ...sbom }) => ({
      ...sbom,
      osPackages: 0,
      osTraces: ['/etc/debian_version'],
    }));
    expect(failedRules(judge(traces))).toEqual(['sbom-distribution-known']);
  });

  test('an image without a distribution needs none', () => {
    const scratch = spoilt('sbom', ({ distribution: _, ...sbom }) => ({ ...sbom, osPackages: 0 }));
    expect(judge(scratch).passed).toBe(true);
  });

  test('does not apply where no SBOM for a scan is', () => {
    const published = spoilt('sbom', (sbom) => (sbom.format === 'syft' ? undefined : sbom));
    const verdict = judge(published, { sbomFormats: ['spdx', 'cyclonedx'] });
    expect(resultsOf(verdict, 'sbom-distribution-known')[0]?.outcome).toBe('not-applicable');
  });
});
