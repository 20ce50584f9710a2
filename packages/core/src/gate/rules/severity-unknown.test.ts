import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../finding.ts';
import { failedRules, finding, judge, resultsOf, scanned, unfixed } from '../sound.fixture.ts';

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
