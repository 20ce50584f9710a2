/**
 * From Grype's report to the grace period of a fix. The shapes are those of Grype's `presenter/models/vulnerability.go`
 * (`Fix`, `FixAvailable`): `available` is omitted if empty, has an entry for each fixed version with a known date, and
 * a date is a day (`2006-01-02` in Go's notation).
 */
import { describe, expect, test } from '@jest/globals';
import { blockingFindings, effectivePolicy, type Finding, isInGrace } from '@tidegate/core';
import { json, RUN, recorded, SCANNED } from '../sound.fixture.ts';
import { scanEvidenceOf, scanStatement } from './scan.ts';

interface Available {
  readonly version: string;
  readonly date: string;
  /** `advisory`, `release`, `first-observed` and the like. */
  readonly kind?: string;
}

/** The recorded report, with another `fix`. Its package has version v0.3.7. */
function findingWith(versions: readonly string[], available?: readonly Available[] | null, severity = 'High'): Finding {
  const report = recorded('grype');
  const [{ vulnerability }] = report.matches;
  vulnerability.severity = severity;
  vulnerability.fix = { versions, state: 'fixed', ...(available === undefined ? {} : { available }) };
  const { statement } = scanStatement([{ digest: SCANNED }], json(report), RUN);
  const [finding] = scanEvidenceOf(statement, SCANNED).findings;
  if (!finding) throw new Error('no finding');
  return finding;
}

const on = (version: string, date: string, kind = 'first-observed'): Available => ({ version, date, kind });
const day = (date: string) => new Date(`${date}T00:00:00Z`);
const { policy } = effectivePolicy({ version: 1 });
const isBlocked = (finding: Finding, now: string) => blockingFindings(policy, [finding], new Date(now)).length > 0;

describe('the date of a fix', () => {
  test('is read by version, whatever its kind', () => {
    const { fixDates } = findingWith(
      ['0.3.8', '0.4.0'],
      [on('0.3.8', '2026-11-20', 'release'), { version: '0.4.0', date: '2026-11-22' }],
    );
    expect(fixDates).toEqual({ '0.3.8': day('2026-11-20'), '0.4.0': day('2026-11-22') });
  });

  test('is the earliest where two ranges are fixed in one version', () => {
    const { fixDates } = findingWith(['0.3.8', '0.3.8'], [on('0.3.8', '2026-11-22'), on('0.3.8', '2026-11-20')]);
    expect(fixDates).toEqual({ '0.3.8': day('2026-11-20') });
  });

  test.each<[string, readonly Available[] | null | undefined]>([
    ['a report without dates', undefined],
    ['null, as Go writes an empty list', null],
    ['an empty list', []],
    ['a time', [on('0.3.8', '2026-11-20T15:00:00Z')]],
    ['a day that does not exist', [on('0.3.8', '2026-02-30')]],
    ['no date', [on('0.3.8', '')]],
    ["Go's zero time", [on('0.3.8', '0001-01-01')]],
  ])('that cannot be read, such as %s, gives no grace', (_, available) => {
    const finding = findingWith(['0.3.8'], available);
    expect(isInGrace(policy, finding, day('2026-11-20'))).toBe(false);
    expect(isBlocked(finding, '2026-11-20T12:00:00Z')).toBe(true);
  });

  test('of a report that is no report is refused', () => {
    expect(() => findingWith(['0.3.8'], [{ version: '0.3.8' } as Available])).toThrow('available');
    expect(() => findingWith(['0.3.8'], {} as never)).toThrow('available');
  });
});

describe('with the preset recommended a finding of high severity', () => {
  const fixedOn = (date: string, severity?: string) => findingWith(['0.3.8'], [on('0.3.8', date)], severity);

  test.each([
    ['2026-11-20T00:00:00Z', false],
    ['2026-11-26T23:59:59Z', false],
    ['2026-11-27T00:00:00Z', true],
  ])('whose fix is of 2026-11-20 fails at %s: %s', (now, fails) => {
    expect(isBlocked(fixedOn('2026-11-20'), now)).toBe(fails);
  });

  test('fails from the first fix in its release line on, also when a newer one has no date', () => {
    const two = findingWith(['0.3.8', '0.4.0'], [on('0.3.8', '2026-11-20')]);
    expect(isBlocked(two, '2026-11-21T00:00:00Z')).toBe(true);
    const older = findingWith(['0.3.8', '0.4.0'], [on('0.3.8', '2026-11-01'), on('0.4.0', '2026-11-20')]);
    expect(isBlocked(older, '2026-11-21T00:00:00Z')).toBe(true);
  });

  test('has no grace where it is critical', () => {
    expect(isBlocked(fixedOn('2026-11-20', 'Critical'), '2026-11-20T12:00:00Z')).toBe(true);
  });

  test('fails while the date is in the future', () => {
    expect(isBlocked(fixedOn('2026-11-22'), '2026-11-20T00:00:00Z')).toBe(true);
  });
});
