import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { commitObjects, gitObjects } from '../policy/git-objects.ts';
import { git, gitServices, newRepository, type Repository } from '../policy/repository.fixture.ts';
import type { Services } from '../services.ts';
import { type CommittedSources, committedSources } from './committed-sources.ts';
import { lintSource } from './lint-source.ts';

// Each test starts git a dozen times.
jest.setTimeout(60_000);

const HAND_MADE = 'docker commit box acme/app\n';
let temp: string;
let services: Services;
let source: Repository;
const folders: string[] = [];

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'tidegate-sources-'));
  folders.push(temp);
  services = gitServices(temp);
});
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  source = await newRepository();
  folders.push(source.folder);
});

async function sourcesOf(commit: string, folder = source.folder, prefix = ''): Promise<CommittedSources> {
  const missing = () => new TidegateError('input-value-not-allowed', 'It is not here.');
  const objects = commitObjects(commit, gitObjects({ folder }, services), undefined, missing);
  const root = prefix === '' ? folder : join(folder, '..');
  return committedSources(objects, { top: folder, root, prefix }, services);
}

async function rulesOf(commit: string): Promise<readonly string[]> {
  const committed = await sourcesOf(commit);
  const options = { committed, root: source.folder, buildArgs: [], buildContexts: [], settings: {} };
  const report = await lintSource(options, services);
  return report.findings.map(({ rule, file }) => `${file} ${rule}`);
}

describe('the rules for sources', () => {
  test('judge a script as it was committed, whatever the work tree has', async () => {
    const commit = await source.commit({ 'deep/er/release.sh': HAND_MADE, Makefile: 'all:\n\ttrue\n' });
    await writeFile(join(source.folder, 'deep/er/release.sh'), 'true\n');
    await writeFile(join(source.folder, 'Makefile'), `all:\n\t${HAND_MADE}`);
    expect(await rulesOf(commit)).toEqual(['deep/er/release.sh hand-made-image']);
    await rm(join(source.folder, 'deep'), { recursive: true });
    expect(await rulesOf(commit)).toEqual(['deep/er/release.sh hand-made-image']);
  });

  test('do not follow a link in place of a script', async () => {
    const commit = await source.commit({ 'release.sh': HAND_MADE, 'other.sh': 'true\n' });
    await rm(join(source.folder, 'release.sh'));
    await symlink('other.sh', join(source.folder, 'release.sh'));
    expect(await rulesOf(commit)).toEqual(['release.sh hand-made-image']);
  });

  test('judge the files of the commit, and not those of the index or what lies beside them', async () => {
    const commit = await source.commit({ 'release.sh': HAND_MADE });
    await writeFile(join(source.folder, 'new.sh'), HAND_MADE);
    await git(source.folder, 'add', 'new.sh');
    await git(source.folder, 'rm', '--quiet', '--cached', 'release.sh');
    expect(await rulesOf(commit)).toEqual(['release.sh hand-made-image']);
  });

  test('refuse a Dockerfile that was changed: other checkers read the work tree', async () => {
    const commit = await source.commit({ Dockerfile: 'FROM scratch\nUSER 1\n' });
    expect(await rulesOf(commit)).toEqual([]);
    await writeFile(join(source.folder, 'Dockerfile'), 'FROM scratch\r\nUSER 1\r\n');
    expect(await rulesOf(commit)).toEqual([]);
    await writeFile(join(source.folder, 'Dockerfile'), 'FROM evil\n');
    await expect(rulesOf(commit)).rejects.toThrow(`Dockerfile differs from commit ${commit}: it was changed`);
  });
});

test('a script in Git LFS is read where it was fetched, and only as the pointer names it', async () => {
  const pointer = (text: string) =>
    `version https://git-lfs.github.com/spec/v1\noid sha256:${createHash('sha256').update(text).digest('hex')}\nsize ${text.length}\n`;
  const commit = await source.commit({ 'release.sh': pointer(HAND_MADE) });
  expect(await (await sourcesOf(commit)).read('release.sh', 1000)).toEqual({ problem: 'it is a Git LFS pointer' });
  await writeFile(join(source.folder, 'release.sh'), HAND_MADE);
  expect(await (await sourcesOf(commit)).read('release.sh', 1000)).toEqual({ text: HAND_MADE });
  await writeFile(join(source.folder, 'release.sh'), 'true\n');
  expect(await (await sourcesOf(commit)).read('release.sh', 1000)).toMatchObject({
    problem: 'it is a Git LFS pointer',
  });
});

describe('the files of a commit', () => {
  test.each(['sha1', 'sha256'] as const)(
    'are listed at any depth, without links and submodules (%s)',
    async (format) => {
      source = await newRepository(format);
      folders.push(source.folder);
      await mkdir(join(source.folder, 'a'));
      await symlink('b', join(source.folder, 'a', 'link'));
      await source.commit({ 'a/b': '1', 'a/c/d e/新': '2', z: '1' });
      const id = (format === 'sha1' ? 'ab' : 'abcdabcd').repeat(format === 'sha1' ? 20 : 8);
      await git(source.folder, 'update-index', '--add', '--cacheinfo', `160000,${id},sub`);
      await git(source.folder, 'commit', '--quiet', '--message=a submodule');
      const sources = await sourcesOf(await git(source.folder, 'rev-parse', 'HEAD'));
      expect(sources.files).toEqual(['a/b', 'a/c/d e/新', 'z']);
      expect(await sources.read('a/c/d e/新', 10)).toEqual({ text: '2' });
      expect(await sources.read('z', 0)).toEqual({ problem: 'it is larger than 0 bytes' });
    },
  );

  test('are seen from the workspace, where the repository was checked out below it', async () => {
    const commit = await source.commit({ 'a/b': '1' });
    const name = `${source.folder.slice(source.folder.lastIndexOf('/') + 1)}/`;
    const sources = await sourcesOf(commit, source.folder, name);
    expect(sources.files).toEqual([`${name}a/b`]);
    expect(await sources.read(`${name}a/b`, 10)).toEqual({ text: '1' });
  });

  test('are held to the ids of their folders', async () => {
    const commit = await source.commit({ 'deep/release.sh': HAND_MADE });
    const [tree, other] = await Promise.all(
      ['deep', ''].map((path) => git(source.folder, 'rev-parse', `${commit}:${path}`)),
    );
    const bytes = await git(source.folder, 'cat-file', 'tree', other ?? '');
    const file = join(source.folder, '.git/objects', (tree ?? '').slice(0, 2), (tree ?? '').slice(2));
    await chmod(file, 0o644);
    await writeFile(file, deflateSync(Buffer.from(`tree ${bytes.length}\0${bytes}`)));
    await expect(sourcesOf(commit)).rejects.toThrow(/does not match its id|not here/);
  });

  test('are not known in a clone that lacks folders; a file that it lacks is passed by', async () => {
    const first = await source.commit({ 'a/b.sh': HAND_MADE });
    const latest = await source.commit({ 'a/b.sh': 'true\n' });
    const clone = `${source.folder}-partial`;
    folders.push(clone);
    await git(temp, 'clone', '--quiet', '--filter=tree:0', source.url, clone);
    await expect(sourcesOf(first, clone)).rejects.toThrow('It is not here.');
    expect((await sourcesOf(latest, clone)).files).toEqual(['a/b.sh']);
    const sparse = `${source.folder}-sparse`;
    folders.push(sparse);
    await git(temp, 'clone', '--quiet', '--filter=blob:none', '--no-checkout', source.url, sparse);
    const sources = await sourcesOf(latest, sparse);
    expect(sources.files).toEqual(['a/b.sh']);
    expect(await sources.read('a/b.sh', 100)).toEqual({ problem: 'it does not exist' });
  });
});
