import { expect, test } from '@jest/globals';
import { clipped, counted, formatAge } from './wording.ts';

const HOUR = 3_600_000;

test.each([
  [0, '0 ms'],
  [HOUR, '1 h'],
  [47 * HOUR, '47 h'],
  [48 * HOUR, '2 d'],
  [120 * HOUR, '5 d'],
  [123.5 * HOUR, '5 d 3 h'],
  [Number.POSITIVE_INFINITY, 'any time'],
])('an age of %p ms is %s', (milliseconds, text) => expect(formatAge(milliseconds)).toBe(text));

test('one is one, and none is many', () => {
  expect([counted(0, 'finding'), counted(1, 'finding'), counted(2, 'match', 'matches')]).toEqual([
    '0 findings',
    '1 finding',
    '2 matches',
  ]);
});

test.each([
  ['short', 'short'],
  ['123456789', '1234567…'],
  ['🙂🙂🙂🙂🙂', '🙂🙂🙂🙂🙂'],
  ['🙂🙂🙂🙂🙂🙂🙂🙂🙂', '🙂🙂🙂🙂🙂🙂🙂…'],
])('%s in eight characters', (text, cut) => expect(clipped(text, 8)).toBe(cut));
