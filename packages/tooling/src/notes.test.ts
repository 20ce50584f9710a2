/** The notes of a release are the section of CHANGELOG.md for its version, as used by release.yml. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const NOTES = fileURLToPath(new URL('../bin/notes.mjs', import.meta.url));
const ENV = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

let repository: string;
beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'tidegate-notes-'));
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => rm(repository, { recursive: true, force: true }));

const git = (...argv: string[]): string =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...argv], {
    cwd: repository,
    env: ENV,
    encoding: 'utf8',
  }).trim();

/** The notes of a commit with this changelog, and version 1.2.0 in its package.json. */
async function notes(changelog: string): Promise<string> {
  await writeFile(join(repository, 'package.json'), '{ "version": "1.2.0" }\n');
  await writeFile(join(repository, 'CHANGELOG.md'), changelog);
  git('add', '--all');
  git('commit', '--quiet', '--message=One');
  // The work tree is not what was tagged.
  await writeFile(join(repository, 'CHANGELOG.md'), '# Changelog\n\n## 1.2.0\n\n- Not committed.\n');
  return execFileSync(process.execPath, [NOTES, git('rev-parse', 'HEAD')], {
    cwd: repository,
    env: ENV,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

test.each(['## 1.2.0', '## 1.2.0 (2027-01-31)'])('are the section %p of the commit, and no other', async (heading) => {
  const changelog = `# Changelog\n\nText.\n\n${heading}\n\n### Added\n\n- One.\n- Two.\n\n## 1.1.0\n\n- Older.\n`;
  expect(await notes(changelog)).toBe('### Added\n\n- One.\n- Two.\n');
});

test.each([
  ['has no section for the version', '# Changelog\n\n## 1.2.0-rc.1\n\n- One.\n\n## 11.2.0\n\n- Two.\n', /0 sections/],
  ['has two of them', '## 1.2.0\n\n- One.\n\n## 1.2.0\n\n- Two.\n', /2 sections/],
  ['calls it unreleased', '## 1.2.0 (unreleased)\n\n- One.\n', /write "## 1\.2\.0"/],
  ['says nothing in it', '## 1.2.0\n\n## 1.1.0\n\n- Older.\n', /says nothing about 1\.2\.0/],
])('a release fails where CHANGELOG.md %s', async (_, changelog, says) => {
  await expect(notes(changelog)).rejects.toThrow(says);
});
