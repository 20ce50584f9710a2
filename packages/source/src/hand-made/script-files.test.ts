/** Which files are read as shell scripts, and which commands only list an archive. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { isPassedBy } from '../source-files.ts';
import { mayHoldCommands, scanForHandMade } from './scan.ts';

const found = (file: string, text: string) =>
  mayHoldCommands(file) ? scanForHandMade(file, text).map(({ line, rule }) => `${line} ${rule}`) : [];

test.each(['build.txt', 'x.sh.in', 'build-1.0', 'a.b/build', 'deploy.tmpl', 'x.SH'])('%s with a shebang', (file) => {
  expect(found(file, '#!/bin/sh\ndocker commit box\n')).toEqual(['2 hand-made-image']);
  expect(found(file, '\ufeff#!/bin/sh\ndocker commit box\n')).toEqual(['2 hand-made-image']);
});

test.each(['.bashrc', 'home/.profile', '.zshrc', 'x.SH', 'x.Bash'])('%s without a shebang', (file) => {
  expect(found(file, 'docker commit box\n')).toEqual(['1 hand-made-image']);
});

test.each(['build.txt', 'notes-1.0', 'logo.png', 'README.md'])('%s without a shebang is no script', (file) => {
  expect(found(file, 'docker commit box\n')).toEqual([]);
});

test('a list of the files of an image is a look at it', () => {
  expect(found('x.sh', 'docker export $(docker create img) | tar -tf -\n')).toEqual([]);
  expect(found('x.sh', 'podman export "$(podman create img)" | sudo tar tvf - > names\n')).toEqual([]);
});

test.each([
  'docker export box | tar -tf -',
  'docker export $(docker create img) | tar -xf -',
  'docker export $(docker create img) | tee a.tar | tar -tf -',
  'docker export -o a.tar $(docker create img) | tar -tf -',
  'docker export $(docker create img) > a.tar | tar -tf -',
])('%s is more than a look', (line) => expect(found('x.sh', line)).toEqual(['1 hand-made-image']));

test("the rule's page names the folders that are passed by", async () => {
  const page = await readFile(new URL('../../../../docs/rules/hand-made-image.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('## Files that are not read');
  const folders = [...section.matchAll(/`([\w.]+)\/`/g)].map(([, folder]) => folder);
  expect(folders.length).toBeGreaterThan(8);
  for (const folder of folders) expect(isPassedBy(`${folder}/x.sh`)).toBe(true);
});
