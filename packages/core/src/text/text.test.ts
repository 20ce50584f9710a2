import { expect, test } from '@jest/globals';
import { withoutEnd } from './text.ts';

test.each([
  ['https://a.test//', '/', 'https://a.test'],
  ['//', '/', ''],
  ['a/b', '/', 'a/b'],
  ['', '/', ''],
  ['a \t', '\t ', 'a'],
])('%j without %j at its end is %j', (text, characters, expected) => {
  expect(withoutEnd(text, characters)).toBe(expected);
});
