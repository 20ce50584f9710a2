import { describe, expect, test } from '@jest/globals';
import { TidegateError } from './error.ts';
import { purlPattern, readPurl, samePackage } from './purl-pattern.ts';

const LIBC = 'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12';

describe('a pattern of package URLs', () => {
  test.each([
    ['pkg:npm/lodash', 'pkg:npm/lodash@4.17.20', true],
    ['pkg:npm/lodash@4.17.20', 'pkg:npm/lodash@4.17.20', true],
    ['pkg:npm/lodash@4.17.*', 'pkg:npm/lodash@4.17.20', true],
    ['pkg:npm/lodash@4.17.2', 'pkg:npm/lodash@4.17.20', false],
    ['pkg:npm/lodash', 'pkg:npm/lodash.merge@1.0.0', false],
    ['pkg:npm/lodash', 'pkg:pypi/lodash@1.0.0', false],
    ['pkg:npm/@acme/*', 'pkg:npm/%40acme/tool@1.0.0', true],
    ['pkg:npm/%40acme/tool@1.0.0', 'pkg:npm/%40acme/tool@1.0.0', true],
    ['pkg:npm/*', 'pkg:npm/%40acme/tool@1.0.0', false],
    ['pkg:npm/**', 'pkg:npm/%40acme/tool@1.0.0', true],
    ['pkg:golang/golang.org/x/*', 'pkg:golang/golang.org/x/text@v0.3.7', true],
    ['pkg:golang/golang.org/x/text@v0.3.7', 'pkg:golang/golang.org/x/text@v0.3.7', true],
    ['pkg:deb/debian/libc6', LIBC, true],
    ['pkg:*/**', LIBC, true],
    ['pkg:deb/ubuntu/libc6', LIBC, false],
  ])('%s and %s: %s', (pattern, purl, matches) => {
    expect(purlPattern(pattern)({ name: 'x', version: '0', type: 'x', purl })).toBe(matches);
  });

  test('a package without a package URL is held to the name its catalogue has', () => {
    const subject = { name: 'lodash', version: '4.17.20', type: 'npm' };
    expect(purlPattern('pkg:npm/lodash')(subject)).toBe(true);
    expect(purlPattern('pkg:npm/lodash@4.17.20')({ ...subject, purl: 'not a purl' })).toBe(true);
  });

  test.each([
    'lodash',
    'npm/lodash',
    'pkg:npm',
    'pkg:npm/',
    'pkg:/x',
    'pkg:npm/a b',
    'pkg:npm/{a,b}',
    'pkg:npm/!(a)',
    '',
  ])('%j is none', (text) => expect(() => purlPattern(text)).toThrow(TidegateError));
});

describe('the same package', () => {
  const same = (wanted: string, purl: string) => {
    const [a, b] = [readPurl(wanted), readPurl(purl)];
    return a !== undefined && b !== undefined && samePackage(a, b);
  };
  test.each([
    ['pkg:deb/debian/libc6@2.36-9', LIBC, true],
    ['pkg:deb/debian/libc6@2.36-9?arch=amd64', LIBC, true],
    ['pkg:deb/debian/libc6@2.36-9?arch=arm64', LIBC, false],
    ['pkg:deb/debian/libc6', LIBC, false],
    ['pkg:npm/tool', 'pkg:npm/tool', false],
    ['pkg:deb/debian/libc6@2.36-10', LIBC, false],
    ['pkg:deb/libc6@2.36-9', LIBC, false],
    ['pkg:golang/golang.org/x/text@v0.3.7', 'pkg:golang/golang.org/x/text@v0.3.7', true],
    ['pkg:npm/@acme/tool@1.0.0', 'pkg:npm/%40acme/tool@1.0.0', true],
    ['lodash', 'pkg:npm/lodash@1', false],
  ])('%s and %s: %s', (wanted, purl, expected) => expect(same(wanted, purl)).toBe(expected));
});
