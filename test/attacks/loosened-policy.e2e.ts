/**
 * The attacker may write the repository's policy file and the step's inputs, and not the organisation's policy that the
 * file extends. The organisation says little; its defaults hold all the same.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

const ORGANISATION = 'version: 1\npreset: strict\nvulnerabilities:\n  fail-on: high\n';
const SHA256 = createHash('sha256').update(ORGANISATION).digest('hex');
const EXTENDS = `version: 1\nextends:\n  - file: org.yml\n    sha256: ${SHA256}\n`;

/** The effective policy document that all later jobs judge by. */
async function planned(own: string, inputs: Readonly<Record<string, string>> = {}) {
  const job = await newJob(suite, { files: { 'org.yml': ORGANISATION, '.github/tidegate.yml': own } });
  jobs.push(job);
  const result = await job.run('plan', { image: 'ghcr.io/acme/app', signing: 'key', 'key-given': 'true', ...inputs });
  const path = result.outputs['policy-path'];
  return { result, document: path ? JSON.parse(await readFile(path, 'utf8')) : undefined };
}

const ATTEMPTS: readonly (readonly [what: string, own: string])[] = [
  ['a preset that fails on nothing', 'preset: observe\n'],
  ['a higher severity', 'vulnerabilities:\n  fail-on: critical\n'],
  ['no severity at all', 'vulnerabilities:\n  fail-on: none\n'],
  ['only what has a fix', 'vulnerabilities:\n  only-fixed: true\n'],
  [
    'a threshold by the state of a fix',
    'vulnerabilities:\n  fail-on: {not-fixed: none, wont-fix: none, unknown: none}\n',
  ],
  ['findings without a severity', 'vulnerabilities:\n  unknown-severity: report\n'],
  ['known attacks', 'vulnerabilities:\n  known-exploited: report\n'],
  ['years of grace for a fix', 'vulnerabilities:\n  fix-grace: 900d\n'],
  ['secrets in layers', 'contents:\n  secrets: report\n'],
  ['less evidence', 'evidence:\n  require: [sbom]\n'],
  ['an empty SBOM', 'evidence:\n  allow-empty-sbom: true\n'],
  ['an old scan', 'evidence:\n  max-scan-age: 900d\n'],
  ['an old database', 'database:\n  max-age: 900d\n'],
  ['a database that stands in', 'database:\n  fallback-max-age: 900d\n'],
  ['an image that runs as root', 'image:\n  non-root: false\n'],
  [
    'another distribution for its own',
    'distribution:\n  stand-ins:\n    - {image: debian 12, as: debian 99, reason: x}\n',
  ],
  ['source rules at a lower level', 'sources:\n  levels:\n    hand-made-image: off\n'],
];

let before: ReturnType<typeof effective>;
beforeAll(async () => {
  before = effective((await planned(EXTENDS)).document);
});

describe('a repository whose policy allows itself', () => {
  test.each(ATTEMPTS)('%s gets what it had', async (_, own) => {
    const { result, document } = await planned(`${EXTENDS}${own}`);
    // Refused, or without effect.
    if (result.exitCode === 0) expect(effective(document)).toEqual(before);
    else expect(result.annotations.map(({ message }) => message).join()).toContain('tidegate.yml');
  });
});

test('an input does not override what is extended', async () => {
  const { document } = await planned(EXTENDS, { preset: 'observe' });
  expect(effective(document)).toEqual(before);
});

describe('a vulnerability database that knows nothing', () => {
  const scanned = async (own: string, inputs: Readonly<Record<string, string>> = {}) => {
    const job = await newJob(suite, { files: { 'org.yml': ORGANISATION, '.github/tidegate.yml': `${EXTENDS}${own}` } });
    jobs.push(job);
    return job.run('ship', { image: `${suite.registries.olareg}/loosened/app`, ...inputs });
  };
  const own = `database:\n  mirrors: [${suite.databases.fresh}]\n`;

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['by an input', '', { 'db-mirror': suite.databases.fresh }],
    ['by the repository’s own policy and an input', own, { 'db-mirror': suite.databases.fresh }],
    ['by the repository’s own policy', own, { 'db-mirror': '' }],
    ['as a file', '', { 'db-mirror': '', 'db-archive': 'db.tar.zst', 'db-archive-sha256': 'a'.repeat(64) }],
  ])('is not named %s', async (_, policy, inputs) => {
    const { exitCode, annotations } = await scanned(policy, inputs);
    expect(exitCode).toBe(1);
    expect(annotations.map(({ message }) => message).join()).toMatch(
      /every policy that the file extends; a policy without the setting allows only Grype's own server/,
    );
  });
});

test('another file than was pinned is refused', async () => {
  const job = await newJob(suite, {
    files: { 'org.yml': `${ORGANISATION}\n`, '.github/tidegate.yml': EXTENDS },
  });
  jobs.push(job);
  expect((await job.run('plan', { image: 'ghcr.io/acme/app', signing: 'key', 'key-given': 'true' })).exitCode).toBe(1);
});

test('the attempts would be something: without the organisation they have an effect', async () => {
  const { document } = await planned('version: 1\npreset: observe\n');
  expect(effective(document)).not.toEqual(before);
});

/** The values that decide, without their origin. */
function effective(document: { readonly policy: { readonly require: readonly string[] } }) {
  return { ...document.policy, require: document.policy.require.toSorted() };
}
