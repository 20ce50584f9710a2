/** The migration table lists every input of the action that is replaced. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { movingPage, type Peer, tableOf } from './moving-page.ts';

const PEER: Peer = {
  peer: 'docker/build-push-action',
  version: 'v7',
  inputs: ['file', 'pull', 'outputs'],
  rows: [
    { same: ['file', 'pull'], note: 'quickly' },
    { theirs: '`outputs: type=local`', ours: 'none' },
  ],
};

test('a row is the names and "the same", or what is written', () => {
  expect(tableOf(PEER).split('\n')).toEqual([
    '| Input | Tidegate |',
    '| --- | --- |',
    '| `file`, `pull` | the same; quickly |',
    '| `outputs: type=local` | none |',
    '',
  ]);
});

test('an input without a row is an error, also where another one begins with its name', () => {
  expect(() => tableOf({ ...PEER, inputs: ['out', 'pull', 'push'] })).toThrow(/about out, push$/);
});

test.each([
  ['replaces the old one', '<!-- moving:a/b -->\nold\n<!-- /moving:a/b -->\nend', false],
  ['needs its beginning', 'old\n<!-- /moving:a/b -->\n', true],
  ['needs its end', '<!-- moving:a/b -->\nold\n', true],
  ['begins before it ends', '<!-- /moving:a/b -->\n<!-- moving:a/b -->\n', true],
])('a table %s', async (_, text, isError) => {
  const root = await mkdtemp(join(tmpdir(), 'moving-'));
  try {
    for (const folder of ['docs/guides', 'test/moving']) await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, 'docs/guides/moving.md'), `start\n${text}`);
    await writeFile(join(root, 'test/moving/inputs.json'), JSON.stringify([{ ...PEER, peer: 'a/b', inputs: [] }]));
    const page = movingPage(root);
    if (isError) return await expect(page).rejects.toThrow('no markers for a/b');
    const [, after] = await page;
    expect(after).toBe(`start\n<!-- moving:a/b -->\n${tableOf({ ...PEER, inputs: [] })}<!-- /moving:a/b -->\nend`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
