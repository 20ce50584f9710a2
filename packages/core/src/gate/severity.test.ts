import { describe, expect, test } from '@jest/globals';
import type { Finding, ScanEvidence } from '../evidence.ts';
import type { Policy } from '../policy.ts';
import { ALL_SEVERITIES, SEVERITIES } from '../severity.ts';
import { blockingFindings, worstFirst } from './severity.ts';
import { failedRules, finding, judge, resultsOf, STRICT, spoiltOnAmd64 } from './sound.fixture.ts';

const unfixed = finding({ fix: 'not-fixed', fixedIn: [] });

/** The amd64 scan with these findings, and a scanner that says of them what Grype would. */
function scanned(findings: readonly Finding[], over: Partial<ScanEvidence> = {}) {
  const scannerTripped = findings.some(({ severity }) => severity === 'high' || severity === 'critical');
  return spoiltOnAmd64('scan', (scan) => ({ ...scan, findings, scannerTripped, ...over }));
}

describe('severity-threshold', () => {
  const table = SEVERITIES.flatMap((failOn, bar) =>
    SEVERITIES.map((severity, rank) => ({ failOn, severity, shut: rank >= bar })),
  );

  test.each(table)('fail-on $failOn, a $severity finding: shut $shut', ({ failOn, severity, shut }) => {
    const verdict = judge(scanned([finding({ severity })]), { failOn });
    const onAmd64 = resultsOf(verdict, 'severity-threshold').filter(({ why }) => why.startsWith('linux/amd64:'));
    expect(onAmd64.map(({ outcome }) => outcome)).toEqual(shut ? ['fail'] : []);
  });

  test('fail-on none has no threshold', () => {
    const verdict = judge(scanned([finding({ severity: 'critical' })]), { failOn: 'none' });
    expect(verdict.passed).toBe(true);
    expect(resultsOf(verdict, 'severity-threshold')[0]?.outcome).toBe('not-applicable');
  });

  test('a finding without a fix counts, unless the policy counts only those with one', () => {
    expect(failedRules(judge(scanned([unfixed])))).toEqual(['severity-threshold']);
    expect(judge(scanned([unfixed]), { onlyFixed: true }).passed).toBe(true);
    expect(failedRules(judge(scanned([unfixed, finding()]), { onlyFixed: true }))).toEqual(['severity-threshold']);
  });

  test('a version that can be installed counts as a fix, whatever the state is called', () => {
    const odd = finding({ fix: 'wont-fix', fixedIn: ['2.0.0'] });
    expect(failedRules(judge(scanned([odd]), { onlyFixed: true }))).toEqual(['severity-threshold']);
  });

  test('says how many, which is the worst and where it is fixed', () => {
    const worst = finding({ id: 'CVE-2026-9', severity: 'critical', fixedIn: ['2.0.0'] });
    const [result] = resultsOf(judge(scanned([finding(), worst])), 'severity-threshold');
    expect(result?.why).toBe(
      'linux/amd64: 2 findings at or above high, worst CVE-2026-9 in minimist 1.2.3 (fixed in 2.0.0).',
    );
  });

  test('a threshold that is no severity lets nothing pass', () => {
    const verdict = judge(scanned([finding({ severity: 'negligible' })]), { failOn: 'High' as Policy['failOn'] });
    expect(failedRules(verdict)).toContain('severity-threshold');
  });
});

describe('severity-unknown', () => {
  const unknown = finding({ severity: 'unknown' });

  test('a finding without a severity shuts the gate, or is reported, as the policy says', () => {
    expect(failedRules(judge(scanned([unknown])))).toEqual(['severity-unknown']);
    const reported = judge(scanned([unknown]), { unknownSeverity: 'report' });
    expect(reported.passed).toBe(true);
    expect(resultsOf(reported, 'severity-unknown')[0]?.why).toContain('1 finding without a severity');
  });

  test('a word that is no severity is unknown', () => {
    const odd = finding({ severity: 'Catastrophic' as Finding['severity'] });
    expect(failedRules(judge(scanned([odd])))).toEqual(['severity-unknown']);
  });

  test('only-fixed holds for it too', () => {
    expect(judge(scanned([{ ...unfixed, severity: 'unknown' }]), { onlyFixed: true }).passed).toBe(true);
  });
});

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

describe('findings', () => {
  test('blocking ones are those the gate would shut for, worst first', () => {
    const findings = ALL_SEVERITIES.toReversed().map((severity) => finding({ severity, id: severity }));
    expect(blockingFindings(STRICT, findings).map(({ id }) => id)).toEqual(['critical', 'high', 'unknown']);
    expect(blockingFindings({ ...STRICT, unknownSeverity: 'report' }, findings)).toHaveLength(2);
    expect(blockingFindings({ ...STRICT, failOn: 'none', unknownSeverity: 'report' }, findings)).toEqual([]);
  });

  test('of equal severity, those with a fix come first, then by name', () => {
    const b = finding({ id: 'b' });
    expect(worstFirst([{ ...unfixed, id: 'a' }, b, finding({ id: 'a' })]).map(({ id, fix }) => [id, fix])).toEqual([
      ['a', 'fixed'],
      ['b', 'fixed'],
      ['a', 'not-fixed'],
    ]);
  });
});
