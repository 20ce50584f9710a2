import { describe, expect, test } from '@jest/globals';
import { ago, DAY, HOUR, judge, resultsOf, spoiltOnAmd64 } from '../sound.fixture.ts';

describe('scan-recent', () => {
  test.each([
    ['a scan of a moment ago', ago(0), true],
    ['exactly as old as may be', ago(DAY), true],
    ['a millisecond too old', ago(DAY + 1), false],
    ['from a clock that is half an hour ahead', ago(-HOUR / 2), true],
    ['from a clock that is two hours ahead', ago(-2 * HOUR), false],
    ['without a date', new Date(Number.NaN), false],
  ])('%s', (_, finishedOn, passes) => {
    const built = new Date(finishedOn.getTime() - HOUR);
    const verdict = judge(
      spoiltOnAmd64('scan', (scan) => ({ ...scan, finishedOn, database: { ...scan.database, built } })),
    );
    expect(resultsOf(verdict, 'scan-recent')[0]?.outcome).toBe(passes ? 'pass' : 'fail');
  });

  test('says both times if the scan is of a later one, as for a verdict at a date in the past', () => {
    const finishedOn = ago(-2 * HOUR);
    const verdict = judge(spoiltOnAmd64('scan', (scan) => ({ ...scan, finishedOn })));
    expect(resultsOf(verdict, 'scan-recent')[0]?.why).toContain(
      'the scan ended at 2026-11-24T14:00Z, after the time of this verdict (2026-11-24T12:00Z).',
    );
  });
});
