import { expect, test } from '@jest/globals';
import { sourcePackageOf } from './source-package.ts';

test.each([
  ['libpam-modules', 'pkg:deb/debian/libpam-modules@1.5.2-6?arch=amd64&distro=debian-12&upstream=pam', 'pam'],
  ['libgcc-s1', 'pkg:deb/debian/libgcc-s1@12.2.0-14?upstream=gcc-12%4012.2.0-14', 'gcc-12'],
  ['openssl-libs', 'pkg:rpm/redhat/openssl-libs@3.0.7?upstream=openssl-3.0.7-27.el9.src.rpm', 'openssl'],
  ['libcrypto3', 'pkg:apk/alpine/libcrypto3@3.1.4-r1?upstream=openssl', 'openssl'],
  ['openssl', 'pkg:deb/debian/openssl@3.0.11', 'openssl'],
  ['odd', 'pkg:deb/debian/odd@1?upstream=%40', 'odd'],
  ['odd', 'not a purl', 'odd'],
  ['odd', undefined, 'odd'],
  ['odd', `pkg:deb/debian/odd@1?upstream=${'x'.repeat(1000)}`, 'odd'],
])('%s of %s is built from %s', (name, purl, source) => {
  expect(sourcePackageOf({ name, purl })).toBe(source);
});
