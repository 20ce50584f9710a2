import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const PACK = fileURLToPath(new URL('../bin/pack.mjs', import.meta.url));
const LONG = `dist/${'folder/'.repeat(20)}${'name'.repeat(30)}.js`;

let folder: string;
let repository: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-pack-'));
  repository = join(folder, 'repository');
  await mkdir(repository);
  git('init', '--quiet', '--initial-branch=main');
  await files({
    'action.yml': 'name: x\n',
    'actions/build/action.yml': 'name: build\n',
    'actions/build/run.ts': 'source\n',
    '.github/workflows/commit-to-registry.yml': 'on: workflow_call\n',
    '.github/workflows/publish.yml': 'on: workflow_call\n',
    '.github/workflows/ci.yml': 'on: push\n',
    'dist/ship/index.js': 'bundle\r\nwith the line ends of others\n',
    'dist/größe.txt': 'a name that is not ASCII\n',
    [LONG]: 'a path that a header does not hold\n',
    empty: '',
    program: '#!/bin/sh\n',
  });
  await chmod(join(repository, 'program'), 0o755);
  await symlink('dist/ship/index.js', join(repository, 'link'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ENV = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const git = (...argv: string[]): string =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...argv], {
    cwd: repository,
    env: ENV,
    encoding: 'utf8',
  }).trim();

async function files(texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(repository, path)), { recursive: true });
    await writeFile(join(repository, path), text);
  }
}

function commit(): string {
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message=One');
  return git('rev-parse', 'HEAD');
}

/** Runs it like the workflow. @returns the folder that it wrote */
function pack(of: string, into = 'release'): string {
  const to = join(folder, into);
  execFileSync(process.execPath, [PACK, of, to], { cwd: repository, env: ENV, stdio: 'pipe' });
  return to;
}

/** Mode and object id by path, of the files that the machine's tar unpacks. */
async function unpacked(archive: string): Promise<readonly string[]> {
  const root = await mkdtemp(join(folder, 'unpacked-'));
  execFileSync('tar', ['--extract', '--file', archive, '--directory', root]);
  expect(await readdir(root)).toEqual(['tidegate']);
  const top = join(root, 'tidegate');
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const lines = found.map(async (path) => {
    const name = relative(top, path);
    const target = await readlink(path).catch(() => undefined);
    if (target !== undefined) return `120000 ${idOf(Buffer.from(target))} ${name}`;
    const { mode } = await stat(path);
    return `${mode & 0o111 ? '100755' : '100644'} ${idOf(await readFile(path))} ${name}`;
  });
  return (await Promise.all(lines)).toSorted();
}

const idOf = (content: Buffer): string =>
  execFileSync('git', ['hash-object', '--no-filters', '--stdin'], {
    input: content,
    env: ENV,
    encoding: 'utf8',
  }).trim();

const listed = (of: string): readonly string[] =>
  git('-c', 'core.quotePath=false', 'ls-tree', '-r', of)
    .split('\n')
    .map((line) => line.replace(/^(\d+) blob (\w+)\t/, '$1 $2 '))
    .toSorted();

describe('a release', () => {
  test('is the tree of the commit, file for file', async () => {
    const one = commit();
    const archive = join(pack(one), 'tidegate.tar');
    const tree = listed(one);
    expect(tree).toHaveLength(12);
    expect(await unpacked(archive)).toEqual(tree);
  });

  test('is the same bytes, whenever and from whatever checkout it is packed', async () => {
    const one = commit();
    const [first] = await bytes(pack(one, 'first'));
    const clone = join(folder, 'clone');
    git('clone', '--quiet', repository, clone);
    await utimes(join(clone, 'action.yml'), 1, 1);
    await chmod(join(clone, 'action.yml'), 0o600);
    repository = clone;
    git('config', 'core.autocrlf', 'true');
    git('config', 'tar.umask', '0077');
    expect((await bytes(pack(one, 'second')))[0]).toEqual(first);
    expect((await bytes(join(folder, 'second')))[1]).toEqual((await bytes(join(folder, 'first')))[1]);
  });

  test('holds nothing of the work tree', async () => {
    const one = commit();
    const [before] = await bytes(pack(one, 'before'));
    await files({ 'action.yml': 'changed', 'dist/ship/index.js': 'changed', 'dist/left.js': 'left by a test' });
    git('add', '--all');
    expect((await bytes(pack(one, 'after')))[0]).toEqual(before);
  });

  test('names the checksum of itself and of every file that a runner executes, as sha256sum does', async () => {
    const release = pack(commit());
    const archive = await readFile(join(release, 'tidegate.tar'));
    const lines = (await readFile(join(release, 'checksums.txt'), 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toBe(`${createHash('sha256').update(archive).digest('hex')}  tidegate.tar`);
    execFileSync('tar', ['--extract', '--file', 'tidegate.tar'], { cwd: release });
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'checksums.txt'], { cwd: release });
    expect(lines.slice(1).map((line) => line.split('  tidegate/')[1])).toEqual(
      ['.github/workflows/commit-to-registry.yml', 'action.yml', 'actions/build/action.yml', 'dist/ship/index.js']
        .concat(LONG, 'dist/größe.txt', '.github/workflows/publish.yml')
        .toSorted(),
    );
  });
});

const bytes = (release: string) =>
  Promise.all(['tidegate.tar', 'checksums.txt'].map((name) => readFile(join(release, name))));

describe("nothing is packed if the tag's archive in git differs from the tree:", () => {
  test.each<[string, string, RegExp]>([
    ['a file is left out', 'dist/ship/index.js export-ignore\n', /dist\/ship\/index\.js is missing/],
    ['a file is written anew', 'subst export-subst\n', /subst has other bytes/],
    ['line ends are changed', 'action.yml text eol=crlf\n', /action\.yml has other bytes/],
  ])('%s by an attribute', async (_, attributes, says) => {
    await files({ '.gitattributes': attributes, subst: '$Format:%H$\n' });
    const one = commit();
    expect(() => pack(one)).toThrow(says);
    await expect(stat(join(folder, 'release'))).rejects.toThrow('ENOENT');
  });

  test('a folder is a submodule', () => {
    const one = commit();
    git('update-index', '--add', '--cacheinfo', `160000,${one},vendored`);
    git('commit', '--quiet', '--message=Two');
    expect(() => pack(git('rev-parse', 'HEAD'))).toThrow(/vendored is a commit/);
  });

  test('there is no bundle', async () => {
    await rm(join(repository, 'dist'), { recursive: true });
    const one = commit();
    expect(() => pack(one)).toThrow(/no bundle/);
  });
});

test('a name that a list of checksums cannot hold is refused', async () => {
  await files({ 'dist/a\nb.js': 'x' });
  const one = commit();
  expect(() => pack(one)).toThrow(/cannot be written into a list/);
});

test.each(['main', 'HEAD', 'v1.2.3', '', '--output=x'])('%p is not a commit', (name) => {
  commit();
  git('tag', 'v1.2.3');
  expect(() => pack(name)).toThrow(/not a whole commit id|Usage/);
});
