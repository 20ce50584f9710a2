import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../digest.ts';
import { ARM64, failedRules, judge, resultsOf, spoilt, spoiltOnAmd64 } from '../sound.fixture.ts';

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

  test('a second catalogue that no scan has read fails', () => {
    const two = spoiltOnAmd64('sbom', (sbom) =>
      sbom.format === 'syft' ? [sbom, { ...sbom, document: digestOf('a second catalogue') }] : sbom,
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
