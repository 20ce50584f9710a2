import { expect, test } from '@jest/globals';
import { failedRules, finding, judge, resultsOf, scanned, spoilt, unfixed } from '../sound.fixture.ts';

const low = (over = {}) => finding({ severity: 'low', ...over });

test.each([
  ['below', low({ risk: 0 }), { maxRisk: 50 }, 'pass'],
  ['exactly at the limit', low({ risk: 50 }), { maxRisk: 50 }, 'pass'],
  ['above', low({ risk: 50.1 }), { maxRisk: 50 }, 'fail'],
  ['above, without a fix', { ...unfixed, severity: 'low', risk: 50.1 }, { maxRisk: 50 }, 'fail'],
  [
    'above, without a fix, and those do not count',
    { ...unfixed, severity: 'low', risk: 50.1 },
    { maxRisk: 50, onlyFixed: true },
    'pass',
  ],
  ['one of which nobody says', low(), { maxRisk: 50 }, 'pass'],
  ['a limit of nothing', low({ risk: 0.01 }), { maxRisk: 0 }, 'fail'],
  ['a limit that is no number', low({ risk: 0 }), { maxRisk: Number.NaN }, 'fail'],
  ['no limit', low({ risk: 50.1 }), {}, 'not-applicable'],
] as const)('%s', (_, found, policy, outcome) => {
  expect(resultsOf(judge(scanned([found]), policy), 'risk-threshold')[0]?.outcome).toBe(outcome);
});

test('says the limit and the worst', () => {
  const [result] = resultsOf(judge(scanned([low({ risk: 50.1 })]), { maxRisk: 50 }), 'risk-threshold');
  expect(result?.why).toContain('1 finding with a risk above 50, worst CVE-2026-0001');
});

test('a database without EPSS has no answer', () => {
  const bare = spoilt('scan', (scan) => ({ ...scan, database: { ...scan.database, providers: ['nvd', 'kev'] } }));
  expect(failedRules(judge(bare, { maxRisk: 50 }))).toEqual(['risk-threshold']);
});
