import { expect, test } from '@jest/globals';
import { failedRules, finding, judge, resultsOf, scanned, spoilt, unfixed } from '../sound.fixture.ts';

const low = (over = {}) => finding({ severity: 'low', ...over });

test.each([
  ['below', low({ epss: 0 }), { maxEpss: 0.5 }, 'pass'],
  ['exactly at the limit', low({ epss: 0.5 }), { maxEpss: 0.5 }, 'pass'],
  ['above', low({ epss: 0.51 }), { maxEpss: 0.5 }, 'fail'],
  ['above, without a fix', { ...unfixed, severity: 'low', epss: 0.51 }, { maxEpss: 0.5 }, 'fail'],
  [
    'above, without a fix, and those do not count',
    { ...unfixed, severity: 'low', epss: 0.51 },
    { maxEpss: 0.5, onlyFixed: true },
    'pass',
  ],
  ['one of which nobody says', low(), { maxEpss: 0.5 }, 'pass'],
  ['a limit of nothing', low({ epss: 0.01 }), { maxEpss: 0 }, 'fail'],
  ['a limit that is no number', low({ epss: 0 }), { maxEpss: Number.NaN }, 'fail'],
  ['no limit', low({ epss: 0.51 }), {}, 'not-applicable'],
] as const)('%s', (_, found, policy, outcome) => {
  expect(resultsOf(judge(scanned([found]), policy), 'epss-threshold')[0]?.outcome).toBe(outcome);
});

test('says the limit and the worst', () => {
  const [result] = resultsOf(judge(scanned([low({ epss: 0.51 })]), { maxEpss: 0.5 }), 'epss-threshold');
  expect(result?.why).toContain('1 finding with an EPSS above 0.5, worst CVE-2026-0001');
});

test('a database without EPSS has no answer', () => {
  const bare = spoilt('scan', (scan) => ({ ...scan, database: { ...scan.database, providers: ['nvd', 'kev'] } }));
  expect(failedRules(judge(bare, { maxEpss: 0.5 }))).toEqual(['epss-threshold']);
});
