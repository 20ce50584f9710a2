import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { compareFolders } from './check-dist.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dist-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function written(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const at = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(at, path)), { recursive: true });
    await writeFile(join(at, path), text);
  }
  return at;
}

test.each([
  ['nothing when both are the same', { 'x/index.js': 'a' }, []],
  ['a changed byte', { 'x/index.js': 'b' }, ['x/index.js is not what its source makes']],
  ['a missing chunk', {}, ['x/index.js is missing']],
  ['a file that nothing makes', { 'x/index.js': 'a', 'y/evil.js': 'b' }, ['y/evil.js is made by no source']],
])('the comparison finds %s', async (_, committed, differences) => {
  const expected = await written('expected', { 'x/index.js': 'a' });
  const actual = await written('actual', { '.keep': '', ...committed });
  await rm(join(actual, '.keep'));
  expect(await compareFolders(expected, actual)).toEqual(differences);
});

test('a link in the place of a bundle is no bundle', async () => {
  const expected = await written('expected', { 'x/index.js': 'a' });
  const actual = await written('actual', { 'real.js': 'a', 'x/.keep': '' });
  await symlink('../real.js', join(actual, 'x/index.js'));
  expect(await compareFolders(expected, actual)).toContain('x/index.js is not what its source makes');
});
