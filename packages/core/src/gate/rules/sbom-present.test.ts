import { describe, expect, test } from '@jest/globals';
import { failedRules, judge, resultsOf, spoilt, spoiltOnAmd64 } from '../sound.fixture.ts';

describe('sbom-present', () => {
  test.each(['syft', 'spdx', 'cyclonedx'] as const)('wants the %s document of every platform', (format) => {
    const verdict = judge(spoiltOnAmd64('sbom', (sbom) => (sbom.format === format ? undefined : sbom)));
    expect(resultsOf(verdict, 'sbom-present')).toEqual([
      { rule: 'sbom-present', outcome: 'fail', why: `linux/amd64: there is no ${format} SBOM.` },
    ]);
  });

  test('an image read back from a registry has no syft document, and a policy may say so', () => {
    const published = spoilt('sbom', (sbom) => (sbom.format === 'syft' ? undefined : sbom));
    const verdict = judge(published, { sbomFormats: ['spdx', 'cyclonedx'] });
    expect(verdict.passed).toBe(true);
    expect(resultsOf(verdict, 'scan-of-this-sbom')[0]?.outcome).toBe('not-applicable');
    expect(judge(published).passed).toBe(false);
  });

  test('a policy that names no format at all is not met by nothing', () => {
    const none = spoilt('sbom', () => undefined);
    expect(failedRules(judge(none, { sbomFormats: [] }))).toContain('sbom-present');
  });

  test.each([0, -1, Number.NaN])('a document that lists %p packages looks like a crash', (packages) => {
    const empty = spoiltOnAmd64('sbom', (sbom) => ({ ...sbom, packages, osPackages: 0 }));
    expect(failedRules(judge(empty))).toEqual(['sbom-present']);
    expect(judge(empty, { allowEmptySbom: true }).passed).toBe(true);
  });

  test('an empty document beside a full one is not overlooked', () => {
    const both = spoiltOnAmd64('sbom', (sbom) => [sbom, { ...sbom, packages: 0 }]);
    expect(failedRules(judge(both))).toEqual(['sbom-present']);
  });
});
