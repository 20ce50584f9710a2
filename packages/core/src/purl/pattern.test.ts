import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { purlPattern } from './pattern.ts';
import { readPurl, samePackage } from './purl.ts';

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
    // Names are equal by the rules of their type, however each side spells them.
    ['pkg:pypi/PyYAML', 'pkg:pypi/pyyaml@5.3', true],
    ['pkg:pypi/pyyaml', 'pkg:pypi/PyYAML@5.3', true],
    ['pkg:PyPI/PyYAML', 'pkg:pypi/pyyaml@5.3', true],
    ['pkg:*/PyYAML', 'pkg:pypi/pyyaml@5.3', true],
    ['pkg:pypi/typing_extensions', 'pkg:pypi/typing-extensions@4.9.0', true],
    ['pkg:pypi/typing_*', 'pkg:pypi/typing-extensions@4.9.0', true],
    ['pkg:pypi/zope.interface', 'pkg:pypi/zope-interface@5.0', true],
    ['pkg:npm/JSONStream', 'pkg:npm/JSONStream@1.3.5', true],
    ['pkg:npm/jsonstream', 'pkg:npm/JSONStream@1.3.5', false],
    ['pkg:nuget/newtonsoft.json', 'pkg:nuget/Newtonsoft.Json@13.0.1', true],
    ['pkg:composer/Symfony/HTTP-kernel', 'pkg:composer/symfony/http-kernel@5.0', true],
    ['pkg:github/Actions/Checkout', 'pkg:github/actions/checkout@v4', true],
    ['pkg:golang/github.com/Masterminds/*', 'pkg:golang/github.com/masterminds/semver@v1.0.0', true],
    ['pkg:rpm/RedHat/Xorg', 'pkg:rpm/redhat/Xorg@1', true],
    ['pkg:rpm/redhat/xorg', 'pkg:rpm/redhat/Xorg@1', false],
    // Percent-encoded or not.
    ['pkg:deb/debian/libc6@2.36-9%2Bdeb12u1', 'pkg:deb/debian/libc6@2.36-9+deb12u1?arch=amd64', true],
    ['pkg:deb/debian/libc6@2.36-9+deb12u1', 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64', true],
    ['pkg:deb/debian/libstdc++6', 'pkg:deb/debian/libstdc%2B%2B6@12?arch=amd64', true],
    ['pkg:deb/debian/libstdc%2B%2B*', 'pkg:deb/debian/libstdc%2B%2B6@12?arch=amd64', true],
    // SBOMs contain versions that validators reject.
    ['pkg:golang/example.com/x', 'pkg:golang/example.com/x@v3.152.0+incompatible', true],
    ['pkg:golang/example.com/x', 'pkg:golang/example.com/x@v0.0.0-2024+incompatible+dirty', true],
    ['pkg:golang/example.com/x@v1*', 'pkg:golang/example.com/x@v1.0.0%2Bincompatible%2Bdirty#sub/path', true],
    ['pkg:maven/log4j', 'pkg:maven/log4j@1.2.17', true],
    ['pkg:swift/alamofire', 'pkg:swift/alamofire', true],
    ['pkg:/npm/foo', 'pkg:npm/foo@1.0.0', true],
    ['pkg://npm/foo', 'pkg:npm/foo@1.0.0', true],
    ['pkg:npm/foo', 'pkg:///npm//foo@1.0.0', true],
    ['pkg:generic/a', 'pkg:generic/a@release/1.0', true],
  ])('%s and %s: %s', (pattern, purl, matches) => {
    expect(purlPattern(pattern)({ name: 'x', version: '0', type: 'x', purl })).toBe(matches);
  });

  test('a type from a tool that is a name of every JavaScript object matches nothing', () => {
    for (const type of ['constructor', '__proto__']) {
      expect(purlPattern('pkg:npm/lodash')({ name: 'lodash', version: '1', type })).toBe(false);
    }
  });

  test('a package without a package URL is held to the name its catalog has', () => {
    const subject = { name: 'lodash', version: '4.17.20', type: 'npm' };
    expect(purlPattern('pkg:npm/lodash')(subject)).toBe(true);
    expect(purlPattern('pkg:npm/lodash@4.17.20')({ ...subject, purl: 'not a purl' })).toBe(true);
    expect(purlPattern('pkg:npm/lodash@4.17.20')({ ...subject, purl: 'pkg:npm/lod%ZZash@4' })).toBe(true);
  });

  test.each([
    ['go-module', 'example.com/X', 'pkg:golang/example.com/x'],
    ['python', 'typing_extensions', 'pkg:pypi/typing-extensions'],
    ['python', 'PyYAML', 'pkg:python/PyYAML'],
    ['java-archive', 'log4j', 'pkg:maven/log4j'],
    ['rust-crate', 'time', 'pkg:cargo/time'],
    ['msrc-kb', '4012598', 'pkg:msrc-kb/4012598'],
  ])('a %s without one has the type that its package URL would have', (type, name, pattern) => {
    expect(purlPattern(pattern)({ type, name, version: '1' })).toBe(true);
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
    'pkg:npm/foo@',
    'pkg:npm/foo?arch=x',
    'pkg:npm/foo#sub',
    'pkg:npm/fo%ZZo',
    `pkg:npm/${'a'.repeat(1000)}`,
  ])('%j is none', (text) => expect(() => purlPattern(text)).toThrow(TidegateError));

  test.each([
    ['pkg:pip/PyYAML', 'no package has the type pip'],
    ['pkg:debian/libc6', 'no package has the type debian'],
    ['pkg:x*/libc6', 'no package has the type x*'],
    ['pkg:deb/libc6', 'as in pkg:deb/debian/libc6'],
    ['pkg:apk/musl', 'as in pkg:apk/alpine/musl'],
    ['pkg:pypi/acme/tool', 'no slash'],
    ['pkg:npm/acme/tool', 'a scope, which begins with @'],
    ['pkg:npm/@acme', 'a scope without a name'],
  ])('%s can never match and is refused', (text, why) => {
    expect(() => purlPattern(text)).toThrow(`can never match`);
    expect(() => purlPattern(text)).toThrow(why);
  });
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
    ['pkg:pypi/PyYAML@5.3', 'pkg:pypi/pyyaml@5.3', true],
    ['pkg:golang/example.com/X@v1.0.0+incompatible', 'pkg:golang/example.com/x@v1.0.0%2Bincompatible', true],
    ['pkg:maven/log4j@1.2.17', 'pkg://maven/log4j@1.2.17?type=jar', true],
  ])('%s and %s: %s', (wanted, purl, expected) => expect(same(wanted, purl)).toBe(expected));
});
