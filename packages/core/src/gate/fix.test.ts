import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../finding.ts';
import { fixesInLine, fixState, hasFix, isInGrace } from './fix.ts';
import { ago, DAY, failedRules, finding, HOUR, judge, NOW, resultsOf, scanned, unfixed } from './sound.fixture.ts';

const of = (type: string, version: string, fixedIn: readonly string[], over: Partial<Finding> = {}) =>
  finding({ package: { name: 'p', version, type }, fixedIn, ...over });

describe('a fix counts in the release line that is used', () => {
  test.each<[type: string, used: string, fixed: readonly string[], inLine: readonly string[]]>([
    ['npm', '1.2.3', ['1.2.4'], ['1.2.4']],
    ['npm', '1.2.3', ['2.0.0'], []],
    ['npm', '1.2.3', ['1.9.0', '2.0.1'], ['1.9.0']],
    ['npm', '10.0.1', ['1.0.5'], []],
    ['npm', '0.4.0', ['0.5.0'], ['0.5.0']],
    ['npm', '0.4.0', ['1.0.0'], []],
    ['go-module', 'v0.3.7', ['0.3.8'], ['0.3.8']],
    ['go-module', 'go1.20.1', ['1.21.5'], ['1.21.5']],
    ['python', '2022.12.7', ['2023.7.22'], ['2023.7.22']],
    ['java-archive', '9.0.50', ['10.1.1', '9.0.99'], ['9.0.99']],
    ['gem', 'nightly', ['2.0.0'], ['2.0.0']],
    ['npm', '1.2.3', ['next'], ['next']],
    ['deb', '1:2.36-9', ['2:3.0-1'], ['2:3.0-1']],
    ['rpm', '3.0.7-1.el9', ['4.0-1.el9'], ['4.0-1.el9']],
    ['apk', '1.1.24-r0', ['2.0.0-r0'], ['2.0.0-r0']],
  ])('%s %s is fixed in %j: %j', (type, used, fixed, inLine) => {
    expect(fixesInLine(of(type, used, fixed))).toEqual(inLine);
  });

  test('a fix whose version is not known counts, and one in another line is none yet', () => {
    expect(hasFix(of('npm', '1.2.3', []))).toBe(true);
    expect(fixState(of('npm', '1.2.3', ['2.0.0']))).toBe('not-fixed');
    expect(fixState(of('npm', '1.2.3', ['1.2.4'], { fix: 'wont-fix' }))).toBe('fixed');
    expect(fixState(unfixed)).toBe('not-fixed');
  });

  test('so that a policy that counts fixed ones alone lets it pass, and tells where it is fixed', () => {
    const other = of('npm', '1.2.3', ['2.0.0']);
    expect(judge(scanned([other]), { onlyFixed: true }).passed).toBe(true);
    const why = resultsOf(judge(scanned([other])), 'severity-threshold')[0]?.why;
    expect(why).toContain('(fixed only in 2.0.0)');
  });
});

describe('the grace time of a new fix', () => {
  const released = (days: number, over: Partial<Finding> = {}) =>
    finding({ fixDates: { '1.2.4': ago(days * DAY) }, ...over });
  const graced = (each: Finding, fixGrace = 7 * DAY) => isInGrace({ fixGrace }, each, NOW);

  test('lasts from the release of the first fix in the line', () => {
    expect(graced(released(6))).toBe(true);
    expect(graced(released(7))).toBe(false);
    const two = released(1, { fixedIn: ['1.2.4', '1.2.5'], fixDates: { '1.2.4': ago(8 * DAY), '1.2.5': ago(DAY) } });
    expect(graced(two)).toBe(false);
    const otherLine = released(1, {
      fixedIn: ['1.2.4', '2.0.0'],
      fixDates: { '1.2.4': ago(DAY), '2.0.0': ago(90 * DAY) },
    });
    expect(graced(otherLine)).toBe(true);
  });

  test.each<[string, Finding]>([
    ['critical', released(1, { severity: 'critical' })],
    ['known to be exploited', released(1, { knownExploited: true })],
    ['without a date', finding()],
    ['with a date for another version only', released(1, { fixedIn: ['1.2.5'] })],
    ['with no date for one of its fixes', released(1, { fixedIn: ['1.2.4', '1.2.5'] })],
    ['with a date ahead', finding({ fixDates: { '1.2.4': ago(-DAY) } })],
    ['with a date that is none', finding({ fixDates: { '1.2.4': new Date(Number.NaN) } })],
    ['without a version', finding({ fixedIn: [], fixDates: { '1.2.4': ago(DAY) } })],
  ])('is none for a finding %s', (_, each) => {
    expect(graced(each)).toBe(false);
  });

  test('is none where the policy gives none', () => {
    expect(isInGrace({}, released(0), NOW)).toBe(false);
    expect(graced(released(0), 0)).toBe(false);
  });

  test('lets the gate pass until it is over, and says so', () => {
    const verdict = judge(scanned([released(1)]), { fixGrace: 7 * DAY });
    expect(verdict.passed).toBe(true);
    expect(resultsOf(verdict, 'severity-threshold')[0]?.why).toContain(
      '1 finding within the grace period of a new fix',
    );
    expect(failedRules(judge(scanned([released(1)]), { fixGrace: 23 * HOUR }))).toEqual(['severity-threshold']);
  });
});
