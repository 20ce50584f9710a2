/** git in repositories whose configuration names programs: none of them runs. */
import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createGit, type GitCommand } from './git.ts';
import { childContexts } from './run/child-context.ts';
import { run } from './run/run.ts';

const exec = promisify(execFile);
let base: string;
let repository: string;
let ran: string;
let program: string;

/** Runs git as the attacker: with a separate HOME and settings. */
const attacker = (...argv: string[]) =>
  exec('git', argv, {
    cwd: repository,
    env: {
      PATH: process.env.PATH,
      HOME: base,
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@b',
    },
  });

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidegate-git-'));
  [repository, ran, program] = [join(base, 'repository'), join(base, 'ran'), join(base, 'evil')];
  await mkdir(repository);
  await mkdir(ran);
  await writeFile(program, `#!/bin/sh\ntouch "${ran}/$(basename "$0")-$$"\nexit 1\n`);
  await chmod(program, 0o755);
  await attacker('init', '--quiet', '--initial-branch=main');
  await writeFile(join(repository, '.gitattributes'), '* filter=evil diff=evil\nfile filter=e=vil\n');
  await writeFile(join(repository, 'file'), 'text\n');
  await attacker('add', '.');
  await attacker('commit', '--quiet', '-m', 'one');
  await attacker('tag', '-a', 'v1', '-m', 'one');
  const hooks = join(base, 'hooks');
  await mkdir(hooks);
  for (const hook of ['post-index-change', 'reference-transaction', 'fsmonitor-watchman', 'post-checkout'])
    await writeFile(join(hooks, hook), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  for (const [key, value] of [
    ['core.fsmonitor', program],
    ['core.hooksPath', hooks],
    ['core.pager', program],
    ['pager.cat-file', program],
    ['pager.for-each-ref', program],
    ['core.editor', program],
    ['core.sshCommand', program],
    ['core.gitProxy', program],
    ['core.askPass', program],
    ['core.alternateRefsCommand', program],
    ['credential.helper', program],
    ['diff.external', program],
    ['diff.evil.textconv', program],
    ['diff.evil.command', program],
    ['filter.evil.clean', program],
    ['filter.evil.smudge', program],
    ['filter.evil.process', program],
    ['filter.e=vil.clean', program],
    ['filter.e=vil.required', 'true'],
    ['gpg.program', program],
    ['uploadpack.packObjectsHook', program],
    ['alias.ls-files', `!${program}`],
    ['alias.cat-file', `!${program}`],
    ['protocol.ext.allow', 'always'],
    ['protocol.allow', 'always'],
    ['remote.origin.url', `ext::${program}`],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.uploadpack', program],
    ['extensions.partialClone', 'origin'],
  ] as const) {
    await attacker('config', key, value);
  }
  await attacker('config', 'core.repositoryFormatVersion', '1');
  // Another time: git compares the contents, which clean filters would convert first.
  for (const file of ['file', '.gitattributes']) await utimes(join(repository, file), 1, 1);
});
afterAll(() => rm(base, { recursive: true, force: true }));

const git = (command: GitCommand, argv: readonly string[], more: { protocols?: readonly ('https' | 'ssh')[] } = {}) => {
  const env = {
    PATH: process.env.PATH,
    HOME: base,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: program,
  };
  const children = childContexts({ env, folder: join(base, 'children'), workspace: repository });
  return createGit(run, children)(command, argv, {
    folder: repository,
    timeout: 60_000,
    answers: [0, 1, 128],
    ...more,
  });
};

describe('a repository whose configuration names programs', () => {
  test('runs one of them when git is asked as everybody asks it: the test is worth something', async () => {
    await attacker('status').catch(() => {});
    expect((await readdir(ran)).length).toBeGreaterThan(0);
    await rm(ran, { recursive: true });
    await mkdir(ran);
  });

  test.each<[GitCommand, readonly string[], RegExp]>([
    ['ls-files', ['-z', '--cached'], /^\.gitattributes\0file\0$/],
    ['cat-file', ['commit', 'HEAD'], /^tree /],
    ['cat-file', ['blob', 'HEAD:file'], /^text$/m],
    ['for-each-ref', ['--format=%(refname)', 'refs/tags'], /^refs\/tags\/v1$/m],
    ['rev-parse', ['--is-shallow-repository'], /^false$/m],
    ['rev-list', ['--all'], /^[0-9a-f]{40}$/m],
    ['status', ['--porcelain', '--ignore-submodules=none'], /^$/],
    ['merge-base', ['--is-ancestor', 'HEAD', 'main'], /^$/],
    // An object missing from the partial clone would be fetched from its remote.
    ['cat-file', ['-t', 'f'.repeat(40)], /^$/],
    ['fetch', ['origin'], /^$/],
  ])('runs none of them for git %s %j', async (command, argv, expected) => {
    const { stdout } = await git(command, argv);
    expect(stdout).toMatch(expected);
    expect(await readdir(ran)).toEqual([]);
  });

  test('runs none of them when a fetch may use the network', async () => {
    await git('fetch', ['origin'], { protocols: ['https', 'ssh'] });
    expect(await readdir(ran)).toEqual([]);
  });
});

test('a filter whose name no argument can carry is refused', async () => {
  const config = join(repository, '.git/config');
  const before = await readFile(config);
  await appendFile(config, Buffer.from(`[filter "\xff"]\n\tclean = ${program}\n`, 'latin1'));
  await expect(git('status', ['--porcelain'])).rejects.toMatchObject({ id: 'checkout-not-trusted' });
  await writeFile(config, before);
});

test('a commit is the one of that name, not one that refs/replace puts in its place', async () => {
  const { stdout: head } = await attacker('rev-parse', 'HEAD');
  const { stdout: other } = await attacker('commit-tree', 'HEAD^{tree}', '-m', 'another');
  const bare = ['-c', 'core.hooksPath=/dev/null', 'replace'];
  await attacker(...bare, head.trim(), other.trim());
  expect((await git('cat-file', ['commit', head.trim()])).stdout).toContain('\none\n');
  await attacker(...bare, '-d', head.trim());
});
