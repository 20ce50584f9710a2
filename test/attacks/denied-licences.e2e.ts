/**
 * The attacker brings in code under a licence that the policy denies, and writes the licence so that a search for its name
 * finds another one: small letters, "or later", an addition, an old name, words that are no expression.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Job, leave } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { refusalsOf, scanned } from './support/bait.ts';

const suite = await theSuite();
const POLICY = `version: 1
licenses:
  deny: [AGPL-*, GPL-2.0-or-later, SSPL-1.0]
`;

const DENIED: readonly (readonly [name: string, license: string])[] = [
  ['small-letters', '(mit AND agpl-3.0-only)'],
  ['later-version', 'GPL-3.0-only'],
  ['plus', 'GPL-2.0+'],
  ['old-name', 'GPL-3.0'],
  ['with-exception', 'GPL-3.0-only WITH Autoconf-exception-3.0'],
  ['with-addition', 'AGPL-3.0-only WITH AdditionRef-ours'],
  ['no-expression', 'MIT / AGPL-3.0-only'],
  ['one-of-many', 'MIT AND (ISC AND (Apache-2.0 AND SSPL-1.0))'],
];
const ALLOWED: readonly (readonly [name: string, license: string])[] = [
  ['a-choice', 'MIT OR AGPL-3.0-only'],
  ['library', 'LGPL-2.1-only'],
];

let job: Job;
let said: string;
beforeAll(async () => {
  const modules = [...DENIED, ...ALLOWED].map(([name, license]) => [
    `app/node_modules/${name}/package.json`,
    JSON.stringify({ name, version: '1.0.0', license }),
  ]);
  const seen = await scanned(suite, {
    image: Object.fromEntries(modules),
    commit: { '.github/tidegate.yml': POLICY },
  });
  job = seen.job;
  said = refusalsOf(seen.scan);
}, 300_000);
afterAll(() => leave(job));

/** The sentence names five of them. */
test('all of them are denied, and no other', () => {
  expect(said).toContain(`licenses-allowed: linux/amd64: ${DENIED.length} packages: `);
  expect(DENIED.filter(([name]) => said.includes(`${name} 1.0.0`))).toHaveLength(5);
});

test.each(ALLOWED)('%s: %s is not', (name) => {
  expect(said).not.toContain(name);
});
