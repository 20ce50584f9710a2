import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { replaceFile } from './replace-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tools-replace-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a link is replaced, and the file that it names keeps its text', async () => {
  await writeFile(join(folder, 'mine'), 'old');
  await symlink('mine', join(folder, 'report'));
  await replaceFile(join(folder, 'report'), 'new');
  expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('old');
  expect(await readFile(join(folder, 'report'), 'utf8')).toBe('new');
  expect((await readdir(folder)).toSorted()).toEqual(['mine', 'report']);
});

test('a file that cannot be written leaves nothing behind', async () => {
  await mkdir(join(folder, 'report'));
  await expect(replaceFile(join(folder, 'report'), 'new')).rejects.toMatchObject({ syscall: 'rename' });
  expect(await readdir(folder)).toEqual(['report']);
});
