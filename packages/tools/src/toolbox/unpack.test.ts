import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, type Entry, inTarGz, newBench, pinsFor, tarGz } from './toolbox.fixture.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await newBench();
});
afterEach(() => bench.remove());

describe('an archive that tries to write elsewhere', () => {
  const outside = '../../../../escaped';
  test.each<[string, Entry[]]>([
    ['by dots', [[outside, 'evil']]],
    ['by an absolute path', [['/tmp/tidegate-escaped', 'evil']]],
    [
      'by a link and a file behind it',
      [
        ['bin', '/tmp', 'symlink'],
        ['bin/tidegate-escaped', 'evil'],
      ],
    ],
    ['by a link in the place of the program', [['syft', '/etc/passwd', 'symlink']]],
  ])('%s gives the program alone', async (_, entries) => {
    const bytes = await tarGz(...entries, ['syft', 'program']);
    const { box } = bench.toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    const { path } = await box.get('syft');
    expect(await readFile(path, 'utf8')).toBe('program');
    expect(await bench.left()).toHaveLength(1);
    expect(await readdir(bench.folder)).toEqual(['cache', 'temp']);
  });

  test.each<[string, Entry[], string]>([
    ['without the program', [['grype', 'other']], 'does not contain syft'],
    ['with the program as a link', [['syft', '/etc/passwd', 'symlink']], 'does not contain syft'],
  ])('%s is refused', async (_, entries, message) => {
    const bytes = await tarGz(...entries);
    const { box } = bench.toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    await expect(box.get('syft')).rejects.toMatchObject({
      kind: 'integrity',
      message: expect.stringContaining(message),
    });
  });

  test('or is no archive, though it has the pinned sum, is refused', async () => {
    const bytes = Buffer.from('not gzip');
    const { box } = bench.toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    await expect(box.get('syft')).rejects.toMatchObject({
      kind: 'integrity',
      message: expect.stringContaining('could not be unpacked'),
    });
  });
});
