import { describe, expect, test } from '@jest/globals';
import { ageProblem, readInstant, shownTime } from './time.ts';

describe('a time as RFC 3339 writes it', () => {
  test.each([
    ['2026-11-24T12:00:00Z', '2026-11-24T12:00:00.000Z'],
    ['2026-11-24t12:00:00.123456789z', '2026-11-24T12:00:00.123Z'],
    ['2026-11-24T12:00:00+01:00', '2026-11-24T11:00:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('%s', (text, expected) => expect(readInstant(text)?.toISOString()).toBe(expected));

  test.each([
    '',
    '2026-11-24',
    '2026-11-24 12:00:00Z',
    '2026-11-24T12:00:00',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:61:00Z',
    '+010000-01-01T00:00:00Z',
    `2026-11-24T12:00:00.${'1'.repeat(100_000)}Z`,
  ])('%.40s is none', (text) => expect(readInstant(text)).toBeUndefined());
});

describe('how old something may be', () => {
  const NOW = new Date('2026-11-24T12:00:00Z');
  const HOUR = 3_600_000;
  test.each([
    [0, undefined],
    [HOUR, undefined],
    [HOUR + 1, 'old'],
    [-HOUR, undefined],
    [-HOUR - 1, 'future'],
    [Number.NaN, 'undated'],
  ])('%d ms of an hour: %s', (age, expected) => {
    expect(ageProblem(new Date(NOW.getTime() - age), NOW, HOUR)).toBe(expected);
  });
  test.each([
    ['the year 9999', new Date('9999-12-31T00:00:00Z'), NOW, 'future'],
    ['a clock that stands in 1970', NOW, new Date(0), 'future'],
    ['a clock without a time', NOW, new Date(Number.NaN), 'undated'],
    ['beyond every date', new Date(8.64e15), NOW, 'future'],
  ])('%s', (_, then, at, expected) => expect(ageProblem(then, at, Number.POSITIVE_INFINITY)).toBe(expected));
  test('a limit that is not a number refuses', () => expect(ageProblem(NOW, NOW, Number.NaN)).toBe('old'));
});

test('any date is shown', () => {
  expect(shownTime(new Date('2026-11-24T12:34:56.789Z'))).toBe('2026-11-24T12:34Z');
  expect(shownTime(new Date(Number.NaN))).toBe('no date');
  expect(shownTime(new Date('+010000-01-01T00:00:00Z'))).toBe('+010000-01-01T00:00Z');
});
