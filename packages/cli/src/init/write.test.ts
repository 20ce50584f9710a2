import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeProposed } from './write.ts';

let base = '';
let top = '';
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'cli-write-'));
  top = join(base, 'repository');
  await mkdir(top);
  await mkdir(join(base, 'mine'));
});
afterEach(() => rm(base, { recursive: true }));

const POLICY = { path: '.github/tidegate.yml', before: undefined, after: 'new' };

test('nothing is written through a linked folder', async () => {
  await symlink('../mine', join(top, '.github'));
  await expect(writeProposed(top, POLICY)).rejects.toMatchObject({
    id: 'command-line-invalid',
    message: '.github is a symbolic link: .github/tidegate.yml was not written.',
  });
  expect(await readdir(join(base, 'mine'))).toEqual([]);
});

test('nothing is written through a linked file', async () => {
  await writeFile(join(base, 'mine/file'), 'old');
  await mkdir(join(top, '.github'));
  await symlink('../../mine/file', join(top, POLICY.path));
  for (const before of ['old', undefined]) {
    await expect(writeProposed(top, { ...POLICY, before })).rejects.toThrow(`${POLICY.path} is a symbolic link`);
  }
  expect(await readFile(join(base, 'mine/file'), 'utf8')).toBe('old');
});

test('a file is created with its folder, and replaced only if it is the one that was read', async () => {
  await writeProposed(top, POLICY);
  await expect(writeProposed(top, POLICY)).rejects.toThrow('EEXIST');
  await writeProposed(top, { ...POLICY, before: 'new', after: 'newer' });
  expect(await readFile(join(top, POLICY.path), 'utf8')).toBe('newer');
  await expect(writeProposed(top, { ...POLICY, before: 'new' })).rejects.toThrow('changed meanwhile');
});
