import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { layoutFolders } from './artifact-folders.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tidegate-artifacts-'));
  // `one` brings files for `two`, as a build that is controlled by an attacker can.
  for (const folder of ['single', 'one/one', 'one/two', 'two/two', 'both', 'both/both']) {
    await mkdir(join(home, folder), { recursive: true });
    await writeFile(join(home, folder, 'index.json'), '{}');
  }
});
afterAll(() => rm(home, { recursive: true, force: true }));

test.each([
  ['a single artifact', 'single', 'single'],
  ['one of several artifacts', 'two', 'two/two'],
  ['a folder that is a layout itself', 'both', 'both'],
  ['a layout that is not there', 'absent', 'absent'],
])('the layout of %s', async (_, name, expected) => {
  const [found = ''] = await layoutFolders(home, [name]);
  expect(relative(home, found)).toBe(expected);
});
