import { describe, expect, test } from '@jest/globals';
import { type Layer, said } from './image.fixture.ts';
import { bdbOf, ndbOf, type Rpm, sqliteOf } from './rpm.fixture.ts';
import { readRpmPackages } from './rpm.ts';

const openssl: Rpm = {
  name: 'openssl-libs',
  version: '3.0.7',
  files: ['/usr/lib64/libssl.so.3', '/etc/pki/tls/openssl.cnf'],
};
const bash: Rpm = { name: 'bash', version: '5.1.8', files: ['/usr/bin/bash', '/usr/share/doc/bash/FAQ'] };
const big: Rpm = {
  name: 'glibc',
  version: '2.34',
  files: Array.from({ length: 700 }, (_, at) => `/usr/lib/locale/${at}`),
  filling: 20_000,
};
const many = Array.from(
  { length: 300 },
  (_, at): Rpm => ({ name: `p${at}`, version: '1', files: [`/opt/p${at}/bin`] }),
);

const cut = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length * 0.7));

const FORMS: readonly [string, string, (packages: readonly Rpm[]) => Buffer][] = [
  ['SQLite', 'usr/lib/sysimage/rpm/rpmdb.sqlite', sqliteOf],
  ['NDB', 'usr/lib/sysimage/rpm/Packages.db', ndbOf],
  ['Berkeley DB', 'var/lib/rpm/Packages', bdbOf],
  ['Berkeley DB of s390x', 'var/lib/rpm/Packages', (packages) => bdbOf(packages, false)],
];

describe.each(FORMS)('a database in the form of %s', (_, path, write) => {
  test('names its packages and their files', () => {
    const read = readRpmPackages(write([openssl, big, bash]));
    expect(read.map(({ name, version, identity }) => [name, version, identity])).toEqual([
      ['openssl-libs', '3.0.7-1', '3.0.7-1 of openssl-libs.src.rpm '],
      ['glibc', '2.34-1', '2.34-1 of glibc.src.rpm '],
      ['bash', '5.1.8-1', '5.1.8-1 of bash.src.rpm '],
    ]);
    expect(read.map(({ files }) => files().length)).toEqual([2, 700, 2]);
    expect(read[0]?.files()).toEqual(openssl.files);
    expect(readRpmPackages(write([]))).toEqual([]);
  });

  const files = (packages: readonly Rpm[]): Layer =>
    Object.fromEntries(packages.flatMap(({ files: all = [], version }) => all.map((file) => [file.slice(1), version])));
  const base: Layer = { ...files([openssl, bash]), [path]: write([openssl, bash]) };

  test.each<[string, Layer, number]>([
    ['a package taken off it (rpm -e --justdb)', { [path]: write([bash]) }, 1],
    ['a database emptied', { [path]: '' }, 2],
    ['a database of no packages', { [path]: write([]) }, 2],
    ['a database cut off', { [path]: cut(write([openssl, bash])) }, 2],
    ['a database deleted', { [path]: null }, 2],
  ])('%s fails', async (_name, layer, count) => {
    const found = await said(base, layer);
    expect(found).toHaveLength(count);
    expect(found[0]).toBe(
      `/${path}: package openssl-libs 3.0.7-1 removed from the list, its files remain (/usr/lib64/libssl.so.3) (1)`,
    );
  });

  test('a version that is edited fails', async () => {
    expect(await said(base, { [path]: write([{ ...openssl, version: '9' }, bash]) })).toEqual([
      `/${path}: package openssl-libs 3.0.7-1 became openssl-libs 9-1 in the list, its files did not change (/usr/lib64/libssl.so.3) (1)`,
    ]);
  });

  test('packages that are installed, upgraded and removed pass', async () => {
    const newer = { ...openssl, version: '3.0.8' };
    expect(await said(base, { [path]: write([openssl, bash, big]), ...files([big]) })).toEqual([]);
    expect(await said(base, { [path]: write([newer, bash]), ...files([newer]) })).toEqual([]);
    expect(await said(base, { [path]: write([bash]), 'usr/lib64/libssl.so.3': null })).toEqual([]);
    expect(await said(base, { [path]: null, 'usr/share/rpm/rpmdb.sqlite': sqliteOf([openssl, bash]) })).toEqual([]);
  });

  test('bytes that are no database are read to an end', () => {
    const bytes = write([openssl, big, ...many.slice(0, 30)]);
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return seed % below;
    };
    for (let turn = 0; turn < 400; turn += 1) {
      const broken = Buffer.from(bytes.subarray(0, turn % 3 === 0 ? random(bytes.length) : bytes.length));
      for (let change = 0; change < 1 + random(20) && broken.length > 0; change += 1) {
        broken[random(change % 2 ? Math.min(broken.length, 4200) : broken.length)] = random(256);
      }
      expect(readRpmPackages(broken).length).toBeLessThan(1000);
    }
  });
});

test('a tree of several levels is read whole', () => {
  const names = readRpmPackages(sqliteOf(many)).map(({ name }) => name);
  expect(names.toSorted()).toEqual(many.map(({ name }) => name).toSorted());
});
