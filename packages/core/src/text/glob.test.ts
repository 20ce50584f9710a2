import { describe, expect, test } from '@jest/globals';
import picomatch from 'picomatch';
import { glob } from './glob.ts';

describe('a pattern', () => {
  test.each([
    ['lodash', 'lodash', true],
    ['lodash', 'lodash.merge', false],
    ['*', 'lodash', true],
    ['*', 'a/b', false],
    ['**', 'a/b', true],
    ['@acme/*', '@acme/tool', true],
    ['@acme/*', '@acme/tool/x', false],
    ['@acme/**', '@acme/tool/x', true],
    ['**/text', 'text', true],
    ['**/text', 'golang.org/x/text', true],
    ['**/text', 'golang.org/x/context', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/xb', false],
    ['1.2.*', '1.2.3', true],
    ['1.2.*', '1.2.', true],
    ['[a-z]{1,2}!(x)', '[a-z]{1,2}!(x)', true],
    ['[a-z]*', 'abc', false],
    ['', '', true],
    ['*', '', true],
  ])('%j and %j: %s', (pattern, text, expected) => expect(glob(pattern)(text)).toBe(expected));

  test('means what picomatch means by it, where the text is a path', () => {
    const parts = ['a', 'b', 'ab', 'aba'];
    const texts = parts.flatMap((one) => [one, ...parts.flatMap((two) => [`${one}/${two}`, `${one}/${two}/a`])]);
    for (const pattern of ['*a', 'a*', '*a*b*', '*/a', 'a/*', '**/a', '**/a*/b', '*/**/b', '*b/*']) {
      const theirs = picomatch(pattern, { dot: true });
      expect(texts.filter(glob(pattern))).toEqual(texts.filter((text) => theirs(text)));
    }
  });

  test('with many stars ends', () => {
    const hostile = `${'*a'.repeat(40)}b`;
    expect(glob(hostile)('a'.repeat(2000))).toBe(false);
    expect(glob(hostile)(`${'a'.repeat(2000)}b`)).toBe(true);
  });
});
