import { describe, expect, test } from '@jest/globals';
import { goMatch } from './go-match.ts';

/** Results of `path.Match`. The last four are patterns of other readers, and match literally here. */
describe("a pattern of Go's path.Match", () => {
  test.each([
    ['abc', 'abc', true],
    ['*', 'abc', true],
    ['*', '', true],
    ['*c', 'abc', true],
    ['a*', 'a', true],
    ['a*', '.a', false],
    ['*a', '.a', true],
    ['a*b*c*d*e*', 'axbxcxdxe', true],
    ['a*b*c*d*e*', 'axbxcxdxexxx', true],
    ['a*b*c*d*e*', 'axbxcxdxxx', false],
    ['a*b?c*x', 'abxbbxdbxebxczzx', true],
    ['a*b?c*x', 'abxbbxdbxebxczzy', false],
    ['ab[c]', 'abc', true],
    ['ab[b-d]', 'abc', true],
    ['ab[e-g]', 'abc', false],
    ['ab[^c]', 'abc', false],
    ['ab[^e-g]', 'abc', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'ab', false],
    ['a?b', 'a☺b', true],
    ['a[^a]b', 'a☺b', true],
    ['a???b', 'a☺b', false],
    ['[a-ζ]*', 'α', true],
    ['*[a-ζ]', 'A', false],
    ['[\\]a]', ']', true],
    ['[\\-]', '-', true],
    ['[x\\-]', 'x', true],
    ['[x\\-]', 'z', false],
    ['[\\-x]', 'a', false],
    ['*x', 'xxx', true],
    ['[!a]', 'a', true],
    ['{a,b}', 'a', false],
    ['!(a)', 'b', false],
    ['a+', 'aa', false],
  ])('%j and %j: %s', (pattern, name, expected) => expect(goMatch(pattern)?.(name)).toBe(expected));

  test.each(['[]a]', '[-]', '[x-]', '[-x]', '[a-b-c]', '[', '[^', '[^bc', 'a[', 'a\\', '[]', '[\\'])(
    '%j is refused, as by Go',
    (pattern) => expect(goMatch(pattern)).toBeUndefined(),
  );
});
