import { describe, expect, test } from '@jest/globals';
import { fromGo, matches } from './go-expression.ts';

const matching = (pattern: string, text: string) => matches(fromGo(pattern), text);

/** Results of Go 1.26: a test of interop compares these with the original program. */
test.each([
  ['v1\\.2', 'app v1.2.3', true],
  ['^v1', 'app v1', false],
  ['(?i)HELLO', 'say hello', true],
  ['(?s)a.b', 'a\nb', true],
  ['a.b', 'a\nb', false],
  ['(?m)^b$', 'a\nb\nc', true],
  ['b$', 'a\nb\n', false],
  // Only a line feed ends a line: an image cannot hide an excluded text behind another character.
  ['a.b', 'a\rb', true],
  ['a.b', 'a\u2028b', true],
  ['(?s)a.b', 'a\rb', true],
  ['a[.]b', 'a\rb', false],
  ['a\\.b', 'a.b', true],
  ['(?m)^b$', 'a\rb\rc', false],
  ['(?m)^b$', 'a\u2028b\u2029c', false],
  ['(?m)^$', 'a\n\nb', true],
  ['(?m)\\Ab\\z', 'a\nb\nc', false],
  ['\\Aapp\\z', 'app', true],
  ['[[:alpha:]]+[[:digit:]]', 'abc1', true],
  ['[^[:space:]]', ' \t', false],
  ['\\d', '٣', false],
  ['\\s', '\v', false],
  ['[\\w.-]+@', 'a.b-c@', true],
  ['\\W', 'abc_', false],
  ['(?P<name>x)', 'x', true],
  ['\\"quoted\\"', '"quoted"', true],
  ['\\-\\-version\\:', '--version:', true],
  ['{"a": 1}', '{"a": 1}', true],
  ['a{2}', 'aa', true],
  ['a{,2}', 'a{,2}', true],
  [']', ']', true],
  ['[]a]', ']', true],
  ['[a\\-z]', '-', true],
  ['\\pL', 'ö', true],
  ['\\p{Greek}', 'λ', true],
  ['\\PL', 'ö', false],
  ['\\x41\\x{1F600}', 'A😀', true],
  ['\\a', '\u0007', true],
])('%s on %j is %s', (pattern, text, expected) => {
  expect(matching(pattern, text)).toBe(expected);
});

test.each(['(?=a)', '(?<=a)', '(a)\\1', '\\Qa\\E', '(?U)a', '[^\\W]', '[a', 'a**', '(', '\\k<a>', '[[:nothing:]]'])(
  '%s is refused, and not read as something else',
  (pattern) => {
    expect(() => fromGo(pattern)).toThrow(expect.objectContaining({ id: 'image-tests-invalid' }));
  },
);

describe('an expression that backtracks without end', () => {
  test('is stopped', () => {
    const began = performance.now();
    expect(() => matching('^(a+)+$', `${'a'.repeat(40)}b`)).toThrow('did not finish within 2 s');
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
