import { expect, test } from '@jest/globals';
import { clipped, counted, formatAge, quoted } from './wording.ts';

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

test.each([
  ['The certificate names another workflow.', 20, 'The certificate…'],
  ['The certificate names another workflow.', 22, 'The certificate names…'],
  ['No https://example.com/a/very/long/address', 20, 'No https://example.…'],
  ['The end.', 8, 'The end.'],
])('%j in %i characters ends after a whole word, if one is near', (text, longest, cut) => {
  expect(clipped(text, longest)).toBe(cut);
});

test('a value is quoted as in JSON after it is shortened', () => {
  expect(quoted('a "b"')).toBe('"a \\"b\\""');
  expect(quoted('x'.repeat(100))).toBe(`"${'x'.repeat(79)}…"`);
});
