import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CommitObjects, TidegateError } from '@tidegate/core';
import type { Services } from '../services.ts';
import { commitObjects, gitObjects } from './git-objects.ts';
import { git, gitServices, newRepository, type Repository } from './repository.fixture.ts';
import { commitSource } from './source.ts';

const POLICY = '.github/tidegate.yml';
const folders: string[] = [];
let services: Services;

beforeAll(async () => {
  const temp = await mkdtemp(join(tmpdir(), 'tidegate-commit-'));
  folders.push(temp);
  services = gitServices(temp);
});
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function repository(format?: 'sha256'): Promise<Repository> {
  const made = await newRepository(format);
  folders.push(made.folder);
  return made;
}

/** A clone as actions/checkout creates it. */
async function clone({ url, folder }: Repository, ...argv: string[]): Promise<string> {
  const to = `${folder}-clone-${folders.length}`;
  folders.push(to);
  await git(folder, 'clone', '--quiet', ...argv, url, to);
  return to;
}

const MISSING = new TidegateError('input-value-not-allowed', 'The commit is not here.');
const at = (folder: string, commit: string, remote?: CommitObjects) =>
  commitSource(commitObjects(commit, gitObjects({ folder }, services), remote, () => MISSING));
const text = async (folder: string, commit: string, path = POLICY, remote?: CommitObjects) => {
  const bytes = await at(folder, commit, remote).read(path);
  return bytes && Buffer.from(bytes).toString();
};

describe('a file of a commit', () => {
  test.each([undefined, 'sha256'] as const)(
    'is read as it was committed, whatever lies in the work tree (%s)',
    async (format) => {
      const source = await repository(format);
      const first = await source.commit({ [POLICY]: 'first' });
      const second = await source.commit({ [POLICY]: 'second' });
      await rm(join(source.folder, POLICY));
      await writeFile(join(source.folder, 'other.yml'), 'uncommitted');
      expect(await text(source.folder, first)).toBe('first');
      expect(await text(source.folder, second)).toBe('second');
      expect(await text(source.folder, first, 'other.yml')).toBeUndefined();
    },
  );

  test('is absent only where the trees of the commit say so', async () => {
    const source = await repository();
    const commit = await source.commit({ a: 'a', '.github/b': 'b' });
    for (const path of [POLICY, '.github/b/c', 'x/y/z', 'A'])
      expect(await text(source.folder, commit, path)).toBeUndefined();
    await expect(text(source.folder, 'ab'.repeat(20))).rejects.toThrow(MISSING);
    await expect(text(join(source.folder, 'nowhere'), commit)).rejects.toThrow(MISSING);
  });

  test('is read in a linked work tree and in a shallow clone', async () => {
    const source = await repository();
    await source.commit({ [POLICY]: 'first' });
    const commit = await source.commit({ [POLICY]: 'second' });
    const shallow = await clone(source, '--depth=1');
    expect(await text(shallow, commit)).toBe('second');
    const linked = `${source.folder}-linked`;
    folders.push(linked);
    await git(source.folder, 'worktree', 'add', '--quiet', '--detach', linked, commit);
    expect(await text(linked, commit)).toBe('second');
  });

  test('is followed through links inside of the repository, of files and of folders', async () => {
    const source = await repository();
    await mkdir(join(source.folder, 'config/deep'), { recursive: true });
    await symlink('config/deep', join(source.folder, '.github'));
    await symlink('../../policy.yml', join(source.folder, 'config/deep/tidegate.yml'));
    const commit = await source.commit({ 'policy.yml': 'through links' });
    expect(await text(source.folder, commit)).toBe('through links');
  });

  test.each([
    ['/etc/passwd', 'leads out of the repository'],
    ['../../outside', 'leads out of the repository'],
    ['tidegate.yml', 'too many symbolic links'],
    ['.', 'is a folder'],
  ])('that is a link to %s is refused', async (target, said) => {
    const source = await repository();
    await mkdir(join(source.folder, '.github'));
    await symlink(target, join(source.folder, POLICY));
    const commit = await source.commit({ a: 'a' });
    await expect(text(source.folder, commit)).rejects.toThrow(said);
  });

  test('that is a folder or lies in a submodule is refused: it is not "no policy"', async () => {
    const source = await repository();
    await source.commit({ '.github/tidegate.yml/a': 'a' });
    await git(source.folder, 'update-index', '--add', '--cacheinfo', `160000,${'ab'.repeat(20)},policies`);
    await git(source.folder, 'commit', '--quiet', '--message=a submodule');
    const commit = await git(source.folder, 'rev-parse', 'HEAD');
    await expect(text(source.folder, commit)).rejects.toThrow(`${POLICY} is a folder`);
    await expect(text(source.folder, commit, 'policies/p.yml')).rejects.toThrow('policies is a submodule');
  });
});

describe('files of an earlier job in the repository', () => {
  test('replaces no commit', async () => {
    const source = await repository();
    const strict = await source.commit({ [POLICY]: 'strict' });
    const lax = await source.commit({ [POLICY]: 'lax' });
    await git(source.folder, 'replace', strict, lax);
    expect(await git(source.folder, 'show', `${strict}:${POLICY}`)).toBe('lax');
    expect(await text(source.folder, strict)).toBe('strict');
  });

  test('is held to its id: an object with other content is refused', async () => {
    const source = await repository();
    const commit = await source.commit({ [POLICY]: 'strict' });
    const id = await git(source.folder, 'rev-parse', `${commit}:${POLICY}`);
    const file = join(source.folder, '.git/objects', id.slice(0, 2), id.slice(2));
    await chmod(file, 0o644);
    await writeFile(file, deflateSync(Buffer.from('blob 3\0lax')));
    await expect(text(source.folder, commit)).rejects.toThrow(/does not match its id|cannot be read|not here/);
  });
});

describe('a partial clone', () => {
  const remoteOf = (folder: string, commit: string): CommitObjects & { asked: string[] } => {
    const asked: string[] = [];
    const objects = commitObjects(commit, gitObjects({ folder }, services), undefined, () => MISSING);
    const noted = <T>(what: string, answer: Promise<T>): Promise<T> => {
      asked.push(what);
      return answer;
    };
    return {
      commit,
      asked,
      root: () => noted('root', objects.root()),
      tree: (id) => noted('tree', objects.tree(id)),
      blob: (id) => noted('blob', objects.blob(id)),
    };
  };

  test('fetches nothing by itself: what it lacks is read from GitHub, or is an error', async () => {
    const source = await repository();
    const first = await source.commit({ [POLICY]: 'first' });
    await source.commit({ [POLICY]: 'second' });
    for (const [filter, asks] of [
      ['blob:none', ['blob']],
      ['tree:0', ['tree', 'tree', 'blob']],
    ] as const) {
      const partial = await clone(source, `--filter=${filter}`);
      await expect(text(partial, first)).rejects.toThrow(MISSING);
      const remote = remoteOf(source.folder, first);
      expect(await text(partial, first, POLICY, remote)).toBe('first');
      expect(remote.asked).toEqual(asks);
    }
  });

  test('has all that its own work tree was made of', async () => {
    const source = await repository();
    const commit = await source.commit({ [POLICY]: 'second' });
    const partial = await clone(source, '--filter=tree:0');
    expect(await text(partial, commit)).toBe('second');
    expect(await readFile(join(partial, POLICY), 'utf8')).toBe('second');
  });
});
