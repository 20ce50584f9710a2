import { describe, expect, test } from '@jest/globals';
import { ALL_SEVERITIES } from '../severity.ts';
import { blockingFindings, worstFirst } from './findings.ts';
import { finding, NOW, STRICT, unfixed } from './sound.fixture.ts';

describe('findings', () => {
  test('blocking findings are those that fail the gate, worst first', () => {
    const findings = ALL_SEVERITIES.toReversed().map((severity) => finding({ severity, id: severity }));
    expect(blockingFindings(STRICT, findings, NOW).map(({ id }) => id)).toEqual(['critical', 'high', 'unknown']);
    expect(blockingFindings({ ...STRICT, unknownSeverity: 'report' }, findings, NOW)).toHaveLength(2);
    expect(blockingFindings({ ...STRICT, failOn: 'none', unknownSeverity: 'report' }, findings, NOW)).toEqual([]);
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
