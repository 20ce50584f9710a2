import { describe, expect, test } from '@jest/globals';
import type { Ignored } from '../../policy.ts';
import { ago, DAY, failedRules, finding, judge, resultsOf, scanned } from '../sound.fixture.ts';

const entry = (over: Partial<Ignored> = {}): Ignored => ({
  id: 'CVE-2026-0001',
  package: 'pkg:npm/minimist',
  reason: 'Not reachable.',
  expires: ago(-30 * DAY),
  from: 'tidegate.yml:7',
  ...over,
});

describe('an ignored finding', () => {
  test.each([
    ['is suppressed', {}, true],
    ['is suppressed by the version', { package: 'pkg:npm/minimist@1.2.3' }, true],
    ['is not suppressed by another version', { package: 'pkg:npm/minimist@1.2.4' }, false],
    ['is not suppressed by another package', { package: 'pkg:npm/minimis' }, false],
    ['is not suppressed by another id', { id: 'CVE-2026-0002' }, false],
    ['is not suppressed by a part of its id', { id: 'CVE-2026-000' }, false],
    ['is suppressed by an alias', { id: 'GHSA-aaaa-bbbb-cccc' }, true],
  ])('%s', (_, over, passes) => {
    const verdict = judge(scanned([finding({ aliases: ['GHSA-aaaa-bbbb-cccc'] })]), { ignore: [entry(over)] });
    expect(failedRules(verdict)).toEqual(passes ? [] : ['severity-threshold']);
  });

  test('is suppressed for every rule about findings', () => {
    const bad = finding({ severity: 'unknown', knownExploited: true, epss: 1, risk: 100 });
    const limits = { maxEpss: 0, maxRisk: 0, ignore: [entry()] };
    expect(judge(scanned([bad]), limits).passed).toBe(true);
    expect(failedRules(judge(scanned([bad]), { ...limits, ignore: [] }))).toEqual([
      'severity-unknown',
      'known-exploited',
      'epss-threshold',
      'risk-threshold',
    ]);
  });

  test.each([
    ['a second before it expires', ago(-1000), []],
    ['in the moment it expires', ago(0), ['severity-threshold', 'ignore-current']],
    ['a day after', ago(DAY), ['severity-threshold', 'ignore-current']],
    ['without a date', new Date(Number.NaN), ['severity-threshold', 'ignore-current']],
  ])('%s', (_, expires, failed) => {
    expect(failedRules(judge(scanned([finding()]), { ignore: [entry({ expires })] }))).toEqual(failed);
  });
});

test('an entry that has expired fails by itself, and says which, since when and why it was there', () => {
  const verdict = judge(scanned([]), { ignore: [entry({ expires: ago(DAY) })] });
  expect(failedRules(verdict)).toEqual(['ignore-current']);
  expect(resultsOf(verdict, 'ignore-current')[0]?.why).toBe(
    'tidegate.yml:7: CVE-2026-0001 in pkg:npm/minimist: the ignore entry (Not reachable.) expired on 2026-11-23T12:00Z.',
  );
});

test.each([
  ['shorter', 31 * DAY, []],
  ['exactly', 30 * DAY, []],
  ['longer', 29 * DAY, ['ignore-current']],
  ['in a policy that allows none', 0, ['ignore-current']],
])('an entry may not run longer than the policy allows: %s', (_, maxIgnoreTime, failed) => {
  expect(failedRules(judge(scanned([]), { ignore: [entry()], maxIgnoreTime }))).toEqual(failed);
});

test('counts what is ignored, and names entries about nothing', () => {
  const verdict = judge(scanned([finding()]), { ignore: [entry(), entry({ id: 'CVE-1', from: 'tidegate.yml:9' })] });
  expect(resultsOf(verdict, 'ignore-current')).toEqual([
    {
      rule: 'ignore-current',
      outcome: 'pass',
      why: '1 finding ignored by 2 entries. Entries that match no finding: tidegate.yml:9.',
    },
  ]);
});

test('does not apply where nothing is ignored', () => {
  expect(resultsOf(judge(scanned([])), 'ignore-current')[0]?.outcome).toBe('not-applicable');
});
