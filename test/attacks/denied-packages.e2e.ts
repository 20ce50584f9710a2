/**
 * The attacker brings in a package that the policy denies, under a spelling that the package manager takes for the same
 * name: letters of another case, other separators, an escaped version.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Job, leave } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { refusalsOf, scanned } from './support/bait.ts';

const suite = await theSuite();
const wheel = (name: string, version: string) => ({
  [`usr/lib/python3/dist-packages/${name}-${version}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
});
const module = (name: string, version: string) => ({
  [`app/node_modules/${name}/package.json`]: JSON.stringify({ name, version }),
});
const debian = (...packages: readonly (readonly [name: string, version: string])[]) => ({
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  'var/lib/dpkg/status': packages
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nMaintainer: D\nDescription: x\n`,
    )
    .join('\n'),
});

/** Packages that the policy denies, and how the image has them. */
const DENIED: readonly (readonly [pattern: string, files: Readonly<Record<string, string>>])[] = [
  ['pkg:pypi/pyyaml', wheel('PyYAML', '6.0.2')],
  ['pkg:pypi/Typing_Extensions', wheel('typing-extensions', '4.9.0')],
  ['pkg:pypi/zope.interface', wheel('zope_interface', '6.1')],
  ['pkg:npm/JSONStream', module('JSONStream', '1.3.5')],
  ['pkg:npm/%40acme/tool', module('@acme/tool', '1.0.0')],
  ['pkg:npm/left-pad@1.3.0%2Bbuild.1', module('left-pad', '1.3.0+build.1')],
  ['pkg:deb/debian/libstdc++6', {}],
  ['pkg:deb/debian/libgmp10@2:6.2.1%2Bdfsg1-1.1', {}],
];

let job: Job;
let said: string;
beforeAll(async () => {
  const files = DENIED.map(([, one]) => one);
  const seen = await scanned(suite, {
    image: Object.assign(debian(['libstdc++6', '12.2.0-14'], ['libgmp10', '2:6.2.1+dfsg1-1.1']), ...files),
    commit: {
      '.github/tidegate.yml': `version: 1\npackages:\n  deny:\n${DENIED.map(([pattern]) => `    - ${JSON.stringify(pattern)}\n`).join('')}    - pkg:npm/not-there\n`,
    },
  });
  job = seen.job;
  said = refusalsOf(seen.scan);
}, 300_000);
afterAll(() => leave(job));

test.each(DENIED)('%s is found, however the image spells it', (pattern) => {
  expect(said).toContain(`${pattern} is denied.`);
});

test('a missing package is not found', () => {
  expect(said).not.toContain('not-there');
});
