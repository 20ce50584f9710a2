import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readCheckout } from './checkout.ts';

const exec = promisify(execFile);
const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent' };
const WHO = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org' };
const BY = { ...WHO, GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' };

let folder = '';
const git = async (...argv: string[]) =>
  (await exec('git', argv, { cwd: folder, env: { ...env, ...BY } })).stdout.trim();
const read = (from = folder) => readCheckout(from, env, new AbortController().signal);

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'cli-checkout-')));
  await git('init', '--quiet', '--initial-branch=trunk');
});
afterEach(() => rm(folder, { recursive: true }));

async function commit(): Promise<string> {
  await writeFile(join(folder, 'a.txt'), 'a');
  await git('add', '.');
  await git('commit', '--quiet', '--message=x');
  return git('rev-parse', 'HEAD');
}

test('a folder without a commit is no checkout', async () => {
  expect(await read()).toBeUndefined();
  expect(await read('/')).toBeUndefined();
});

test('commit, branch, tags and remote, also from a folder below', async () => {
  const sha = await commit();
  await git('tag', 'v1');
  await git('tag', '--annotate', '--message=x', 'v2');
  await git('remote', 'add', 'origin', 'git@github.com:acme/app.git');
  await git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk');
  await git('update-ref', 'refs/remotes/origin/trunk', sha);
  await mkdir(join(folder, 'deep'));
  expect(await read(join(folder, 'deep'))).toEqual({
    top: folder,
    commit: sha,
    branch: 'refs/heads/trunk',
    tags: ['refs/tags/v1', 'refs/tags/v2'],
    origin: 'git@github.com:acme/app.git',
    defaultBranch: 'trunk',
    changed: [],
  });
});

test('a detached HEAD has no branch', async () => {
  await commit();
  await git('checkout', '--quiet', '--detach');
  expect(await read()).toMatchObject({ branch: undefined, origin: undefined, defaultBranch: undefined });
});

test('changed, staged, deleted and new files differ from the commit; ignored ones do not', async () => {
  await writeFile(join(folder, 'b.txt'), 'b');
  await writeFile(join(folder, 'gone.txt'), 'c');
  await writeFile(join(folder, '.gitignore'), 'ignored\n');
  await commit();
  await writeFile(join(folder, 'a.txt'), 'changed');
  await writeFile(join(folder, 'b.txt'), 'staged');
  await git('add', 'b.txt');
  await rm(join(folder, 'gone.txt'));
  await writeFile(join(folder, 'new\u001b[31m.txt'), 'new');
  await writeFile(join(folder, 'ignored'), 'x');
  expect((await read())?.changed.toSorted()).toEqual(['a.txt', 'b.txt', 'gone.txt', 'new\u001b[31m.txt']);
});

describe('a checkout of somebody else', () => {
  let outside = '';
  beforeEach(async () => {
    outside = await realpath(await mkdtemp(join(tmpdir(), 'cli-outside-')));
  });
  afterEach(() => rm(outside, { recursive: true }));

  /** Configures a filter that writes a file, and gives a tracked file another time, so that git reads its contents. */
  async function filter(at: string): Promise<string> {
    const ran = join(outside, 'ran');
    await git('-C', at, 'config', 'filter.evil.clean', `touch ${ran}; cat`);
    await git('-C', at, 'config', 'filter.evil.required', 'true');
    const repository = await git('-C', at, 'rev-parse', '--absolute-git-dir');
    await writeFile(join(repository, 'info/attributes'), '* filter=evil\n');
    await utimes(join(at, 'a.txt'), 1, 1);
    return ran;
  }

  test('runs no filter of its configuration', async () => {
    await commit();
    const ran = await filter(folder);
    expect((await read())?.changed).toEqual([]);
    await expect(access(ran)).rejects.toThrow('ENOENT');
    await git('status');
    await access(ran);
  });

  test('runs no filter of a submodule, and finds the changes in its work tree', async () => {
    await commit();
    await git('clone', '--quiet', folder, join(outside, 'origin'));
    await git('-c', 'protocol.file.allow=always', 'submodule', 'add', '--quiet', join(outside, 'origin'), 'lib');
    await git('commit', '--quiet', '--message=y');
    const ran = await filter(join(folder, 'lib'));
    expect((await read())?.changed).toEqual([]);
    await writeFile(join(folder, 'lib/new'), '');
    expect((await read())?.changed).toEqual(['lib']);
    await rm(join(folder, 'lib/.git'));
    await mkdir(join(folder, 'lib/.git'));
    expect((await read())?.changed).toEqual(['lib']);
    await expect(access(ran)).rejects.toThrow('ENOENT');
  });

  test('is refused if it belongs to another user, unless the user trusts it', async () => {
    await commit();
    const real = (await exec('/bin/sh', ['-c', 'command -v git'])).stdout.trim();
    const script = `#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec ${real} "$@"\n`;
    await writeFile(join(outside, 'git'), script, { mode: 0o755 });
    const foreign = { PATH: `${outside}:${env.PATH}`, HOME: outside };
    const readForeign = () => readCheckout(folder, foreign, new AbortController().signal);
    await expect(readForeign()).rejects.toMatchObject({
      id: 'checkout-not-trusted',
      message: `${JSON.stringify(folder)} belongs to another user, whose git settings could start programs.`,
    });
    await writeFile(join(outside, '.gitconfig'), `[safe]\n\tdirectory = ${folder}\n`);
    expect(await readForeign()).toMatchObject({ top: folder });
  });
});
