import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../../evidence.ts';
import { type Digest, digestOf } from '../../image/digest.ts';
import {
  AMD64,
  ARM64,
  failedRules,
  judge,
  resultsOf,
  SINGLE,
  STRICT,
  soundEvidence,
  spoilt,
  spoiltOnAmd64,
} from '../sound.fixture.ts';

describe('scan-of-this-sbom', () => {
  test('a scan of another document is no scan of this image', () => {
    const verdict = judge(spoiltOnAmd64('scan', (scan) => ({ ...scan, sbom: digestOf('another document') })));
    expect(failedRules(verdict)).toEqual(['scan-of-this-sbom']);
  });

  test("the other platform's document does not count", () => {
    const other = digestOf(`syft of ${ARM64.descriptor.digest}`);
    expect(failedRules(judge(spoiltOnAmd64('scan', (scan) => ({ ...scan, sbom: other }))))).toEqual([
      'scan-of-this-sbom',
    ]);
  });

  test('only the syft document is what a scan reads', () => {
    const renamed = spoiltOnAmd64('sbom', (sbom) =>
      sbom.format === 'syft' ? { ...sbom, document: digestOf('made after the scan') } : sbom,
    );
    expect(failedRules(judge(renamed))).toEqual(['scan-of-this-sbom']);
  });

  test('a second catalog that no scan has read fails', () => {
    const two = spoiltOnAmd64('sbom', (sbom) =>
      sbom.format === 'syft' ? [sbom, { ...sbom, document: digestOf('a second catalog') }] : sbom,
    );
    const verdict = judge(two);
    expect(failedRules(verdict)).toEqual(['scan-of-this-sbom']);
    expect(resultsOf(verdict, 'scan-of-this-sbom')[0]?.why).toContain('was not scanned');
  });

  test('a second scan, of another document, is not covered by a first that read the right one', () => {
    const both = spoiltOnAmd64('scan', (scan) => [scan, { ...scan, sbom: digestOf('another document') }]);
    expect(failedRules(judge(both))).toEqual(['scan-of-this-sbom']);
  });

  test('without any SBOM there is nothing that the scan could be of', () => {
    expect(failedRules(judge(spoilt('sbom', () => undefined)))).toEqual(expect.arrayContaining(['scan-of-this-sbom']));
  });
});

describe('scan-of-this-sbom, of an image that is scanned where it was published', () => {
  const policy = { ...STRICT, require: ['sbom', 'scan'], sbomFormats: ['cyclonedx'] } as const;
  const published = digestOf('the published SBOM of amd64');
  const isAmd64 = ({ subject }: Evidence) => subject === AMD64.descriptor.digest;
  /** amd64 has only its published SBOM, which is that of `scanned`; arm64 has a new SBOM. */
  const evidence = (scanned: Digest) =>
    soundEvidence().flatMap((one): readonly Evidence[] => {
      if (one.kind === 'scan' && isAmd64(one)) return [{ ...one, sbom: scanned }];
      if (one.kind !== 'sbom') return one.kind === 'scan' ? [one] : [];
      if (!isAmd64(one)) return [one];
      return one.format === 'cyclonedx' ? [{ ...one, document: published }] : [];
    });

  test('the published SBOM is what a scan may read, beside a catalog of another platform', () => {
    expect(failedRules(judge(evidence(published), policy))).toEqual([]);
  });

  test('another document is none of it', () => {
    expect(failedRules(judge(evidence(digestOf('another document')), policy))).toEqual(['scan-of-this-sbom']);
  });

  test('where no catalog is at hand, a scan of something else is one from before the publication', () => {
    const outcome = (scanned: Digest) =>
      resultsOf(judge(evidence(scanned).filter(isAmd64), policy, SINGLE), 'scan-of-this-sbom')[0]?.outcome;
    expect(outcome(published)).toBe('pass');
    expect(outcome(digestOf('a catalog that is not published'))).toBe('not-applicable');
  });
});
