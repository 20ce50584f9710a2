import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { unzip } from './unzip.ts';
import { type ZipEntry, zipOf } from './zip.fixture.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'unzip-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function unpacked(bytes: Uint8Array, mostBytes?: number): Promise<string> {
  await writeFile(join(base, 'a.zip'), bytes);
  const folder = join(base, 'in', 'folder');
  await unzip(join(base, 'a.zip'), folder, mostBytes);
  return folder;
}

test('files and folders are written, none of them executable', async () => {
  const entries = [
    { name: 'target/' },
    { name: 'target/app.jar', content: 'jar', mode: 0o100777 },
    { name: 'b/c', content: '' },
  ];
  const folder = await unpacked(zipOf(entries));
  expect(await readFile(join(folder, 'target/app.jar'), 'utf8')).toBe('jar');
  expect((await stat(join(folder, 'target/app.jar'))).mode & 0o111).toBe(0);
  expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(['b', 'b/c', 'target', 'target/app.jar']);
});

describe('an error, and nothing outside of the folder, is', () => {
  const LINK = 0o120777;
  test.each<[string, readonly ZipEntry[]]>([
    ['a name that leads out', [{ name: '../out', content: 'x' }]],
    ['one that leads out later', [{ name: 'a/../../out', content: 'x' }]],
    ['an absolute name', [{ name: '/tmp/many-out', content: 'x' }]],
    ['a backslash', [{ name: '..\\out', content: 'x' }]],
    ['a link', [{ name: 'out', content: '..', mode: LINK }]],
    [
      'a link, and a file below it',
      [
        { name: 'out', content: '..', mode: LINK },
        { name: 'out/x', content: 'x' },
      ],
    ],
    ['a device', [{ name: 'null', mode: 0o020666 }]],
    [
      'a second file of one name',
      [
        { name: 'a', content: '1' },
        { name: 'a', content: '2' },
      ],
    ],
    [
      'a file that is also a folder',
      [
        { name: 'a', content: '1' },
        { name: 'a/b', content: '2' },
      ],
    ],
    ['an encrypted file', [{ name: 'a', content: 'x', flags: 1 }]],
    ['another size than declared', [{ name: 'a', content: 'x', declared: 2 }]],
  ])('%s', async (_, entries) => {
    await expect(unpacked(zipOf(entries))).rejects.toMatchObject({ id: 'archive-invalid' });
    expect((await readdir(base)).toSorted()).toEqual(['a.zip', 'in']);
    expect(await readdir(join(base, 'in'))).toEqual(['folder']);
  });

  test('more bytes than allowed, over all files', async () => {
    const entries = ['a', 'b', 'c'].map((name) => ({ name, content: 'x'.repeat(10) }));
    await expect(unpacked(zipOf(entries), 29)).rejects.toThrow(/more than 29 bytes/);
  });

  test.each([
    ['no archive', Buffer.from('PK\x03\x04 and no more')],
    ['a cut one', zipOf([{ name: 'a', content: 'x'.repeat(500) }]).subarray(0, 300)],
    ['an empty file', Buffer.alloc(0)],
  ])('%s', async (_, bytes) => {
    await expect(unpacked(bytes)).rejects.toMatchObject({ id: 'archive-invalid' });
  });
});
