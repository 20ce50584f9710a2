import { describe, expect, test } from '@jest/globals';
import { readDpkgStatus } from './dpkg.ts';
import { paragraph, said } from './image.fixture.ts';

describe('a status is read as Syft reads it', () => {
  const names = (text: string) => readDpkgStatus(Buffer.from(text)).map(({ name, version }) => `${name} ${version}`);
  test.each<[string, string, readonly string[]]>([
    ['a paragraph', 'Package: a\nVersion: 1\n', ['a 1']],
    ['no line break at the end: that line is not read', 'Package: a\nVersion: 1', ['a ']],
    ['blank lines before and between', '\n\nPackage: a\nVersion: 1\n\n\nPackage: b\nVersion: 2\n\n', ['a 1', 'b 2']],
    ['a field twice', 'Package: a\nVersion: 1\nVersion: 2\n', []],
    ['a field twice, with another hyphen', 'Package: a\nPack-age: b\nVersion: 2\n', []],
    ['a continuation of nothing', 'Package: a\n\n continued\n', []],
    ['a continuation of a line that is no field', 'Package: a\nno field\n continued\n', []],
    ['a name that Go reads in another case', '\u017ftatus: deinstall ok\nPackage: a\nVersion: 1\n', []],
    ['a letter that Go does not take for an i', 'Package: a\nVers\u0131on: 1\n', ['a ']],
    ['a name that goes on', 'Package: a\n b\nVersion: 1\n', ['a\n b 1']],
    ['a size that goes on', 'Package: a\nInstalled-Size: 5\n 6\nVersion: 1\n', []],
    ['a size that is none', 'Package: a\nInstalled-Size: x\n continued\n', []],
    ['a size in another case', 'Package: a\ninstalled-size: 5\n', []],
    ['a line that is no field', 'Package: a\nno field\nVersion: 1\n', ['a 1']],
    ['removed', 'Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: b\nVersion: 2\n', ['b 2']],
  ])('%s', (_, text, expected) => {
    expect(names(text)).toEqual(expected);
  });
});

describe('distroless', () => {
  const D = 'var/lib/dpkg/status.d';
  const layer = {
    [`${D}/tzdata`]: paragraph({ name: 'tzdata', version: '2024a' }),
    [`${D}/tzdata.md5sums`]: `${'0'.repeat(32)}  usr/share/zoneinfo/UTC\n`,
    [`${D}/base`]: paragraph({ name: 'base-files', version: '12.4' }),
    'usr/share/zoneinfo/UTC': 'UTC',
  };

  test('one file of a package is deleted', async () => {
    expect(await said(layer, { [`${D}/tzdata`]: null, [`${D}/tzdata.md5sums`]: null })).toEqual([
      '/var/lib/dpkg/status.d/tzdata: package tzdata 2024a removed from the list, its files remain (/usr/share/zoneinfo/UTC) (1)',
    ]);
  });

  test('another layer brings another package', async () => {
    expect(await said(layer, { [`${D}/openssl`]: paragraph({ name: 'openssl', version: '3' }) })).toEqual([]);
  });
});
