import { describe, expect, test } from '@jest/globals';
import { TidegateError } from './error.ts';
import { ALL_SEVERITIES, countSeverities, isSeverity, parseThreshold, reaches, SEVERITIES } from './severity.ts';

describe('a threshold', () => {
  test.each(SEVERITIES)('%s is reached by itself and all that is worse', (threshold) => {
    const reached = ALL_SEVERITIES.filter((severity) => reaches(severity, threshold));
    expect(reached).toEqual(SEVERITIES.slice(SEVERITIES.indexOf(threshold)).toReversed());
  });

  test('none is reached by nothing, and unknown reaches nothing', () => {
    expect(ALL_SEVERITIES.some((severity) => reaches(severity, 'none'))).toBe(false);
    expect(SEVERITIES.some((threshold) => reaches('unknown', threshold))).toBe(false);
  });

  test.each([
    ['high', 'high'],
    [' Critical\n', 'critical'],
    ['NONE', 'none'],
  ])('%j is read as %s', (text, threshold) => expect(parseThreshold(text)).toBe(threshold));

  test.each(['', 'unknown', 'hgih', 'moderate', 'high,critical', '7', 'toString'])('%j is none', (text) => {
    expect(() => parseThreshold(text)).toThrow(TidegateError);
    expect(() => parseThreshold(text)).toThrow(/^Input fail-on: /);
  });
});

test('severities are counted, each with its own number', () => {
  expect(countSeverities(['high', 'low', 'high', 'unknown'])).toEqual({
    critical: 0,
    high: 2,
    medium: 0,
    low: 1,
    negligible: 0,
    unknown: 1,
  });
  expect(ALL_SEVERITIES.every(isSeverity)).toBe(true);
  expect(isSeverity('High')).toBe(false);
});
