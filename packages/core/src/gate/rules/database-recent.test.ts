import { describe, expect, test } from '@jest/globals';
import { ago, DAY, failedRules, HOUR, judge, resultsOf, spoilt, spoiltOnAmd64 } from '../sound.fixture.ts';

describe('database-recent', () => {
  test.each([
    ['built a day before the scan', DAY, true],
    ['exactly as old as may be', 5 * DAY, true],
    ['a millisecond too old', 5 * DAY + 1, false],
    ['built half an hour after the scan, as clocks differ', -HOUR / 2, true],
    ['built two hours after the scan', -2 * HOUR, false],
    ['without a date', Number.NaN, false],
  ])('%s', (_, before, passes) => {
    const verdict = judge(
      spoiltOnAmd64('scan', (scan) => ({
        ...scan,
        database: { ...scan.database, built: new Date(scan.finishedOn.getTime() - before) },
      })),
    );
    expect(failedRules(verdict)).toEqual(passes ? [] : ['database-recent']);
  });

  test('an old database is named with its age and the limit', () => {
    const verdict = judge(
      spoiltOnAmd64('scan', (scan) => ({ ...scan, database: { ...scan.database, built: ago(9 * DAY + HOUR) } })),
    );
    expect(resultsOf(verdict, 'database-recent')[0]?.why).toBe(
      'linux/amd64: the vulnerability database was 9 d old at the scan; the policy allows 5 d.',
    );
  });

  test('a scan without dates is distinguished from an old one', () => {
    const never = new Date(Number.NaN);
    const undated = spoiltOnAmd64('scan', (scan) => ({
      ...scan,
      finishedOn: never,
      database: { ...scan.database, built: never },
    }));
    const verdict = judge(undated);
    expect(resultsOf(verdict, 'scan-recent')[0]?.why).toContain('has no end date');
    expect(resultsOf(verdict, 'database-recent')[0]?.why).toContain('has no build date');
  });

  test.each([Number.NaN, undefined as unknown as number])('a limit that is %p refuses', (limit) => {
    expect(
      failedRules(
        judge(
          spoilt('scan', (scan) => scan),
          { maxDatabaseAge: limit },
        ),
      ),
    ).toEqual(['database-recent']);
    expect(
      failedRules(
        judge(
          spoilt('scan', (scan) => scan),
          { maxScanAge: limit },
        ),
      ),
    ).toEqual(['scan-recent']);
  });
});
