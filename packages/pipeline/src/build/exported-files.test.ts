import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { filesIn, move } from './exported-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exported-'));
  await mkdir(join(folder, 'linux_amd64', 'doc'), { recursive: true });
  await writeFile(join(folder, 'linux_amd64', 'app'), 'app');
  await writeFile(join(folder, 'linux_amd64', 'doc', 'a.txt'), 'text');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('every regular file counts, by its path in the output, and none keeps special rights', async () => {
  const app = join(folder, 'linux_amd64', 'app');
  await chmod(app, 0o6755);
  await symlink('../app', join(folder, 'linux_amd64', 'doc', 'alias'));
  await symlink('.', join(folder, 'linux_amd64', 'self'));
  const found = [
    { name: 'app', digest: digestOf(Buffer.from('app')) },
    { name: 'doc/a.txt', digest: digestOf(Buffer.from('text')) },
  ];
  expect(await filesIn(folder, 'linux_amd64', '')).toEqual(found);
  expect((await stat(app)).mode & 0o7777).toBe(0o755);
  expect(await filesIn(folder, '', '')).toEqual(
    found.map(({ name, digest }) => ({ name: `linux_amd64/${name}`, digest })),
  );
  expect(await filesIn(app, undefined, 'app.tar')).toEqual([{ name: 'app.tar', digest: found[0]?.digest }]);
});

test.each(['/etc/passwd', '../../etc/passwd', '../linux_arm64/app', '..'])('a link to %s is an error', async (to) => {
  await symlink(to, join(folder, 'linux_amd64', 'leak'));
  await expect(filesIn(folder, 'linux_amd64', '')).rejects.toMatchObject({
    code: 'TG2311',
    message: expect.stringMatching(/leak is a symbolic link that leads out/),
  });
});

test('a link whose text stays inside, and that leads out through another link, is an error', async () => {
  const doc = join(folder, 'linux_amd64', 'doc');
  await symlink('..', join(doc, 'top'));
  // By its text alone it is `linux_amd64/leak`. The kernel follows `top` first, and then leaves the output.
  await symlink('top/../leak', join(doc, 'through'));
  await writeFile(join(folder, 'leak'), 'a file of the runner');
  expect(await readFile(join(doc, 'through'), 'utf8')).toBe('a file of the runner');
  await expect(filesIn(folder, 'linux_amd64', '')).rejects.toMatchObject({
    code: 'TG2311',
    message: expect.stringMatching(/doc\/through is a symbolic link that leads out/),
  });
});

test('a link through another one that stays inside is none', async () => {
  const doc = join(folder, 'linux_amd64', 'doc');
  await symlink('..', join(doc, 'top'));
  await symlink('./top/app', join(doc, 'same'));
  expect(await filesIn(folder, 'linux_amd64', '')).toHaveLength(2);
});

test('a folder and a file are moved to a place that is free, and an empty folder is free', async () => {
  const to = join(folder, 'out');
  await mkdir(to);
  await move(join(folder, 'linux_amd64'), to);
  expect(await readFile(join(to, 'doc', 'a.txt'), 'utf8')).toBe('text');
  await expect(move(join(to, 'doc'), folder)).rejects.toThrow(/ENOTEMPTY|EEXIST/);
});
