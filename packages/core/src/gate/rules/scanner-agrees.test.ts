import { describe, expect, test } from '@jest/globals';
import { failedRules, finding, judge, scanned, spoiltOnAmd64, unfixed } from '../sound.fixture.ts';

describe('scanner-agrees', () => {
  test.each([
    ['tripped, and the report has nothing that high', [finding({ severity: 'medium' })], true, 'high'],
    ['did not trip, and the report has a critical finding', [finding({ severity: 'critical' })], false, 'high'],
    ['tripped for an unknown severity, which it never does', [finding({ severity: 'unknown' })], true, 'low'],
    ['tripped without a threshold', [finding()], true, 'none'],
    ['had a threshold that is none', [], false, 'HIGH'],
    ['had an empty threshold', [], false, ''],
  ])('refuses a scanner that %s', (_, findings, scannerTripped, scannerThreshold) => {
    const verdict = judge(scanned(findings, { scannerTripped, scannerThreshold }));
    expect(failedRules(verdict)).toContain('scanner-agrees');
  });

  test('a scanner with another threshold than the policy may agree', () => {
    const verdict = judge(scanned([finding({ severity: 'low' })], { scannerTripped: true, scannerThreshold: 'low' }));
    expect(verdict.passed).toBe(true);
  });

  test('matches that the scanner left out by itself are refused, unless the policy allows it', () => {
    expect(failedRules(judge(scanned([], { suppressed: 1 })))).toEqual(['scanner-agrees']);
    expect(failedRules(judge(scanned([], { suppressed: Number.NaN })))).toEqual(['scanner-agrees']);
    expect(judge(scanned([], { suppressed: 1 }), { allowSuppressed: true }).passed).toBe(true);
  });

  test('a scanner that looked at findings with a fix only cannot serve a policy that counts all', () => {
    const scan = scanned([unfixed], { onlyFixed: true, scannerTripped: false });
    expect(failedRules(judge(scan))).toContain('scanner-agrees');
    expect(judge(scan, { onlyFixed: true }).passed).toBe(true);
  });

  test('a second report that disagrees fails', () => {
    const both = spoiltOnAmd64('scan', (scan) => [scan, { ...scan, scannerTripped: true }]);
    expect(failedRules(judge(both))).toEqual(['scanner-agrees']);
  });
});
