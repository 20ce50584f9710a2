import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeFolder } from './folder.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidegate-folder-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('a folder is made with those above it, and a second time changes nothing', async () => {
  const folder = join(root, 'a', 'b', 'c');
  await makeFolder(folder, 0o700);
  await makeFolder(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('steps that make the same folder at once do not disturb each other', async () => {
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(join(root, 'at', 'once', 'deep'))));
  expect((await stat(join(root, 'at/once/deep'))).isDirectory()).toBe(true);
});

test('a file in its place, or in the place of one above it, is the error of the file system', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST', path: join(root, 'file') });
  await expect(makeFolder(join(root, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test('a link to a folder is a folder', async () => {
  await mkdir(join(root, 'real'));
  await makeFolder(join(root, 'real', '..', 'real'));
});

/** Node's own recursive mkdir loops forever here. */
test.each([['/proc/none'], ['/proc/none/a/b']])(
  'a file system that lets nothing be made (%s) is an error and no endless loop',
  async (path) => {
    await expect(makeFolder(path)).rejects.toMatchObject({ code: 'ENOENT', syscall: 'mkdir', path: '/proc/none' });
  },
);
