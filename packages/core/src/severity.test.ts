import { describe, expect, test } from '@jest/globals';
import { ALL_SEVERITIES, countSeverities, isSeverity, reaches, SEVERITIES } from './severity.ts';

describe('a threshold', () => {
  test.each(SEVERITIES)('%s is reached by itself and all that is worse', (threshold) => {
    const reached = ALL_SEVERITIES.filter((severity) => reaches(severity, threshold));
    expect(reached).toEqual(SEVERITIES.slice(SEVERITIES.indexOf(threshold)).toReversed());
  });

  test('none is reached by nothing, and unknown reaches nothing', () => {
    expect(ALL_SEVERITIES.some((severity) => reaches(severity, 'none'))).toBe(false);
    expect(SEVERITIES.some((threshold) => reaches('unknown', threshold))).toBe(false);
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
