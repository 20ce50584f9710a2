import { describe, expect, test } from '@jest/globals';
import type { Policy } from '../../policy.ts';
import { SEVERITIES } from '../../severity.ts';
import { failedRules, finding, judge, resultsOf, scanned, unfixed } from '../sound.fixture.ts';

describe('severity-threshold', () => {
  const table = SEVERITIES.flatMap((failOn, bar) =>
    SEVERITIES.map((severity, rank) => ({ failOn, severity, shut: rank >= bar })),
  );

  test.each(table)('fail-on $failOn, a $severity finding: fails $shut', ({ failOn, severity, shut }) => {
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
    const odd = finding({ fix: 'wont-fix', fixedIn: ['1.2.9'] });
    expect(failedRules(judge(scanned([odd]), { onlyFixed: true }))).toEqual(['severity-threshold']);
  });

  test('says how many, which is the worst and where it is fixed', () => {
    const worst = finding({ id: 'CVE-2026-9', severity: 'critical', fixedIn: ['1.9.0'] });
    const [result] = resultsOf(judge(scanned([finding(), worst])), 'severity-threshold');
    expect(result?.why).toBe(
      'linux/amd64: 2 findings at or above high, worst CVE-2026-9 in minimist 1.2.3 (fixed in 1.9.0).',
    );
  });

  test('a threshold that is no severity lets nothing pass', () => {
    const verdict = judge(scanned([finding({ severity: 'negligible' })]), { failOn: 'High' as Policy['failOn'] });
    expect(failedRules(verdict)).toContain('severity-threshold');
  });

  test.each([
    ['fixed', finding({ severity: 'medium' }), true],
    ['not-fixed, at the same severity', { ...unfixed, severity: 'medium' as const }, false],
    ['not-fixed, at its own threshold', { ...unfixed, severity: 'critical' as const }, true],
    [
      "won't be fixed, which never counts",
      { ...unfixed, fix: 'wont-fix' as const, severity: 'critical' as const },
      false,
    ],
    ['of an unknown state, at the general threshold', { ...unfixed, fix: 'unknown' as const }, true],
  ])('thresholds by fix state: a finding that is %s', (_, found, shut) => {
    const failOnByFix = { fixed: 'medium', 'not-fixed': 'critical', 'wont-fix': 'none' } as const;
    const verdict = judge(scanned([found]), { failOnByFix });
    expect(failedRules(verdict)).toEqual(shut ? ['severity-threshold'] : []);
  });
});
