import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newRepository, type Repository } from './repository.fixture.ts';

let repository: Repository;
beforeEach(async () => {
  repository = await newRepository({});
});
afterEach(() => repository.remove());

const show = async (...argv: string[]) => {
  const { exitCode, stdout, stderr } = await repository.run('policy', 'show', ...argv);
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  return stdout;
};
/** The policy that is shown for the one that was shown. */
const shownAgain = async (text: string) => {
  await repository.write('shown.yml', text);
  return show('--policy', 'shown.yml');
};

test.each([
  ['the preset alone', undefined],
  ['a file', 'version: 1\nvulnerabilities: { fail-on: critical }\n'],
  ['a file that sets source rules', 'version: 1\nsources: { levels: { root-user: error } }\n'],
  ['another preset', 'version: 1\npreset: strict\n'],
])('the policy of %s, shown and read again, has the same digest', async (_, text) => {
  if (text !== undefined) await repository.write('.github/tidegate.yml', text);
  const first = await show();
  expect(first).not.toContain('another digest');
  expect(await shownAgain(first)).toBe(first);
});

test.each([
  [
    'exceptions',
    'version: 1\nignore: [{ id: CVE-2026-12345, package: "pkg:npm/a", reason: "Not reachable here.", expires: 2026-12-31 }]\n',
  ],
  ['extends', `version: 1\nextends: [{ file: base.yml, sha256: ${sha256('version: 1\n')} }]\n`],
])('a policy with %s says why its digest is another one when it is read again', async (_, text) => {
  await repository.write('base.yml', 'version: 1\n');
  await repository.write('.github/tidegate.yml', text);
  const first = await show();
  expect(first).toContain('# Read as a policy file, this has another digest');
  expect(withoutDigest(await shownAgain(first))).toBe(withoutDigest(first));
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function withoutDigest(text: string): string {
  return text.replace(/^# .*\n/gm, '');
}
