import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../digest.ts';
import { ARM64, ago, DAY, failedRules, HOUR, judge, resultsOf, spoilt, spoiltOnAmd64 } from './sound.fixture.ts';

describe('scan-of-this-sbom', () => {
  test('a scan of another document is no scan of this image', () => {
    const verdict = judge(spoiltOnAmd64('scan', (scan) => ({ ...scan, sbom: digestOf('another document') })));
    expect(failedRules(verdict)).toEqual(['scan-of-this-sbom']);
  });

  test("the other platform's document does not count", () => {
    const other = digestOf(`syft of ${ARM64.descriptor.digest}`);
    expect(failedRules(judge(spoiltOnAmd64('scan', (scan) => ({ ...scan, sbom: other }))))).toEqual([
      'scan-of-this-sbom',
    ]);
  });

  test('only the syft document is what a scan reads', () => {
    const renamed = spoiltOnAmd64('sbom', (sbom) =>
      sbom.format === 'syft' ? { ...sbom, document: digestOf('made after the scan') } : sbom,
    );
    expect(failedRules(judge(renamed))).toEqual(['scan-of-this-sbom']);
  });

  test('a second catalogue that no scan has read fails', () => {
    const two = spoiltOnAmd64('sbom', (sbom) =>
      sbom.format === 'syft' ? [sbom, { ...sbom, document: digestOf('a second catalogue') }] : sbom,
    );
    const verdict = judge(two);
    expect(failedRules(verdict)).toEqual(['scan-of-this-sbom']);
    expect(resultsOf(verdict, 'scan-of-this-sbom')[0]?.why).toContain('was not scanned');
  });

  test('a second scan, of another document, is not covered by a first that read the right one', () => {
    const both = spoiltOnAmd64('scan', (scan) => [scan, { ...scan, sbom: digestOf('another document') }]);
    expect(failedRules(judge(both))).toEqual(['scan-of-this-sbom']);
  });

  test('without any SBOM there is nothing that the scan could be of', () => {
    expect(failedRules(judge(spoilt('sbom', () => undefined)))).toEqual(expect.arrayContaining(['scan-of-this-sbom']));
  });
});

describe('scan-recent', () => {
  test.each([
    ['a scan of a moment ago', ago(0), true],
    ['exactly as old as may be', ago(DAY), true],
    ['a millisecond too old', ago(DAY + 1), false],
    ['from a clock that is half an hour ahead', ago(-HOUR / 2), true],
    ['from a clock that is two hours ahead', ago(-2 * HOUR), false],
    ['without a date', new Date(Number.NaN), false],
  ])('%s', (_, finishedOn, passes) => {
    const database = { built: new Date(finishedOn.getTime() - HOUR), schema: 'v6' };
    const verdict = judge(spoiltOnAmd64('scan', (scan) => ({ ...scan, finishedOn, database })));
    expect(resultsOf(verdict, 'scan-recent')[0]?.outcome).toBe(passes ? 'pass' : 'fail');
  });
});

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
        database: { schema: 'v6', built: new Date(scan.finishedOn.getTime() - before) },
      })),
    );
    expect(failedRules(verdict)).toEqual(passes ? [] : ['database-recent']);
  });

  test('an old database is named with its age and the limit', () => {
    const verdict = judge(
      spoiltOnAmd64('scan', (scan) => ({ ...scan, database: { schema: 'v6', built: ago(9 * DAY + HOUR) } })),
    );
    expect(resultsOf(verdict, 'database-recent')[0]?.why).toBe(
      'linux/amd64: the vulnerability database was 9 d old, more than 5 d.',
    );
  });

  test('a scan without dates is told apart from an old one', () => {
    const never = new Date(Number.NaN);
    const undated = spoiltOnAmd64('scan', (scan) => ({
      ...scan,
      finishedOn: never,
      database: { schema: 'v6', built: never },
    }));
    const verdict = judge(undated);
    expect(resultsOf(verdict, 'scan-recent')[0]?.why).toContain('does not say when it ended');
    expect(resultsOf(verdict, 'database-recent')[0]?.why).toContain('does not say when it was built');
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

test('an old scan beside a new one fails: the gate does not choose between reports', () => {
  const both = spoiltOnAmd64('scan', (scan) => [scan, { ...scan, finishedOn: ago(30 * DAY) }]);
  expect(failedRules(judge(both))).toContain('scan-recent');
});
