import { describe, expect, test } from '@jest/globals';
import { dpkg, foundIn, type Layer, said } from './image.fixture.ts';
import { listAt } from './place.ts';
import { READERS } from './read.ts';
import { PackageListRecorder } from './recorder.ts';

const line = (name: string, version: string, source = `${name}-${version}.src.rpm`) =>
  `${[name, version, '1', '2', 'Acme', '(none)', '5', 'x86_64', '0', source].join('\t')}\n`;
const MANIFEST = 'var/lib/rpmmanifest/container-manifest-2';

/** `a:1:{…}`, PEAR's record of a package. */
function reg(name: string, version: string, file: string): string {
  const s = (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`;
  const files = `a:1:{${s('x.php')}a:2:{${s('role')}${s('php')}${s('installed_as')}${s(file)}}}`;
  const versions = `a:2:{${s('release')}${s(version)}${s('api')}${s('1')}}`;
  const fields = [
    [s('attribs'), 'a:0:{}'],
    [s('name'), s(name)],
    [s('channel'), s('pecl.php.net')],
    [s('summary'), s('Schnelligkeit für "alle"')],
    [s('version'), versions],
    [s('filelist'), files],
    [s('stable'), 'b:1;'],
    [s('old'), 'N;'],
    [s('count'), 'i:5;'],
  ];
  return `a:${fields.length}:{${fields.flat().join('')}}`;
}

interface Case {
  readonly base: Layer;
  readonly list: string;
  /** Only the package, completely removed. */
  readonly removed: Layer;
  readonly upgraded: Layer;
  readonly hidden: RegExp;
  /** A list whose path names its package still lists it when it is empty. */
  readonly bySyftsPath?: boolean;
}

const SPDX = JSON.stringify({
  packages: [
    { name: 'redis', versionInfo: '7.0.1', externalRefs: [{ referenceLocator: 'pkg:bitnami/redis@7.0.1' }] },
    { name: 'other', versionInfo: '1', externalRefs: [{ referenceLocator: 'pkg:generic/other@1' }] },
  ],
});
const CURL = 'var/db/pkg/net-misc/curl-8.5.0-r1/CONTENTS';
const PEAR = 'usr/local/lib/php/.registry/.channel.pecl.php.net/redis.reg';
const SO = 'usr/local/lib/php/extensions/redis.so';
const JAVA = 'opt/java/openjdk';
const KEG = 'home/linuxbrew/.linuxbrew/Cellar/jq';

const CASES: Readonly<Record<string, Case>> = {
  portage: {
    base: { [CURL]: 'dir /usr\nobj /usr/bin/curl 0123 1\nsym /usr/bin/x -> curl 1\n', 'usr/bin/curl': '8.5' },
    list: CURL,
    removed: { 'var/db/pkg/net-misc/curl-8.5.0-r1': null, 'usr/bin/curl': null },
    upgraded: {
      'var/db/pkg/net-misc/curl-8.5.0-r1': null,
      'var/db/pkg/net-misc/curl-8.6.0/CONTENTS': 'obj /usr/bin/curl 0124 1\n',
      'usr/bin/curl': '8.6',
    },
    hidden: /CONTENTS: package net-misc\/curl 8\.5\.0-r1 removed from the list, its files remain \(\/usr\/bin\/curl\)/,
    bySyftsPath: true,
  },
  PEAR: {
    base: { [PEAR]: reg('redis', '5.3.7', `/${SO}`), [SO]: '5' },
    list: PEAR,
    removed: { [PEAR]: null, [SO]: null },
    upgraded: { [PEAR]: reg('redis', '6.0.0', `/${SO}`), [SO]: '6' },
    hidden: /redis\.reg: package redis 5\.3\.7 removed from the list, its files remain \(\/usr.*redis\.so\)/,
  },
  'Bitnami, SPDX': {
    base: { 'opt/bitnami/redis/.spdx-redis.spdx': SPDX, 'opt/bitnami/redis/bin/redis': '7' },
    list: 'opt/bitnami/redis/.spdx-redis.spdx',
    removed: { 'opt/bitnami/redis': null },
    upgraded: {
      'opt/bitnami/redis/.spdx-redis.spdx': SPDX.replaceAll('7.0.1', '7.0.2'),
      'opt/bitnami/redis/bin/redis': '8',
    },
    hidden: /package redis 7\.0\.1 removed from the list, its files remain \(\/opt\/bitnami\/redis\/bin\/redis\)/,
  },
  'Bitnami, components': {
    base: { 'opt/bitnami/.bitnami_components.json': '{"redis":{"version":"7.0.1-0"}}', 'opt/bitnami/redis/x': '7' },
    list: 'opt/bitnami/.bitnami_components.json',
    removed: { 'opt/bitnami/.bitnami_components.json': '{}', 'opt/bitnami/redis': null },
    upgraded: {
      'opt/bitnami/.bitnami_components.json': '{"redis":{"version":"7.0.2-0"}}',
      'opt/bitnami/redis/x': '8',
    },
    hidden: /package redis 7\.0\.1-0 removed from the list, its files remain \(\/opt\/bitnami\/redis\/x\)/,
  },
  R: {
    base: {
      'usr/lib/R/library/yaml/DESCRIPTION': 'Package: yaml\r\nVersion: 2.3\r\n',
      'usr/lib/R/library/yaml/x': '1',
    },
    list: 'usr/lib/R/library/yaml/DESCRIPTION',
    removed: { 'usr/lib/R/library/yaml': null },
    upgraded: {
      'usr/lib/R/library/yaml/DESCRIPTION': 'Package: yaml\nVersion: 2.4\n',
      'usr/lib/R/library/yaml/x': '2',
    },
    hidden: /package yaml 2\.3 removed from the list, its files remain \(\/usr\/lib\/R\/library\/yaml\/x\)/,
  },
  Java: {
    base: { [`${JAVA}/release`]: 'IMPLEMENTOR="A"\nJAVA_VERSION="17.0.2"\n', [`${JAVA}/bin/java`]: '1' },
    list: `${JAVA}/release`,
    removed: { [JAVA]: null },
    upgraded: { [`${JAVA}/release`]: 'JAVA_VERSION="17.0.9"\n', [`${JAVA}/bin/java`]: '2' },
    hidden: /package java 17\.0\.2 removed from the list, its files remain \(\/opt\/java\/openjdk\/bin\/java\)/,
  },
  Homebrew: {
    base: { [`${KEG}/1.6/.brew/jq.rb`]: 'class Jq < Formula\nend\n', [`${KEG}/1.6/bin/jq`]: '1' },
    list: `${KEG}/1.6/.brew/jq.rb`,
    removed: { [`${KEG}/1.6`]: null },
    upgraded: { [`${KEG}/1.6`]: null, [`${KEG}/1.7/.brew/jq.rb`]: '', [`${KEG}/1.7/bin/jq`]: '2' },
    hidden: /package jq 1\.6 removed from the list, its files remain \(.*\/jq\/1\.6\/bin\/jq\)/,
    bySyftsPath: true,
  },
  opkg: {
    base: {
      'usr/lib/opkg/info/jq.control': 'Package: jq\nVersion: 1.6\nArchitecture: x\n',
      'usr/lib/opkg/info/jq.list': '/usr/bin/jq\n',
      'usr/bin/jq': '1',
    },
    list: 'usr/lib/opkg/info/jq.control',
    removed: { 'usr/lib/opkg/info/jq.control': null, 'usr/lib/opkg/info/jq.list': null, 'usr/bin/jq': null },
    upgraded: { 'usr/lib/opkg/info/jq.control': 'Package: jq\nVersion: 1.7\nArchitecture: x\n', 'usr/bin/jq': '2' },
    hidden: /package jq 1\.6 removed from the list, its files remain \(\/usr\/bin\/jq\)/,
  },
};

describe.each(Object.entries(CASES))('%s', (_, { base, list, removed, upgraded, hidden, bySyftsPath }) => {
  test('deleted, its list fails', async () => {
    expect((await said(base, { [list]: null })).join('\n')).toMatch(hidden);
  });

  test('emptied, its list fails unless its path says enough', async () => {
    const found = await said(base, { [list]: '' });
    if (bySyftsPath) expect(found).toEqual([]);
    else expect(found.join('\n')).toMatch(hidden);
  });

  test('removed or upgraded with its files, it passes', async () => {
    expect(await said(base, removed)).toEqual([]);
    expect(await said(base, upgraded)).toEqual([]);
  });
});

describe("Azure Linux's manifest", () => {
  const base: Layer = { [MANIFEST]: line('openssl', '3.3.0-1.azl3') + line('glibc', '2.38-8.azl3') };

  test.each<[string, Layer, number]>([
    ['emptied', { [MANIFEST]: '' }, 2],
    ['deleted', { 'var/lib/rpmmanifest': null }, 2],
    ['without one package', { [MANIFEST]: line('glibc', '2.38-8.azl3') }, 1],
    ['with another version', { [MANIFEST]: line('openssl', '9-1') + line('glibc', '2.38-8.azl3') }, 1],
    ['with another source', { [MANIFEST]: line('openssl', '3.3.0-1.azl3', 'x') + line('glibc', '2.38-8.azl3') }, 1],
  ])('%s fails', async (_, layer, count) => {
    const found = await said(base, layer);
    expect(found).toHaveLength(count);
    expect(found.join('\n')).toMatch(/package \S+ \S+ (removed from|became) .*, and no list of its files is known/);
  });

  test('with more packages passes, and the SBOM must have all of them', async () => {
    const more = { [MANIFEST]: `${base[MANIFEST]}${line('python3', '3.12-1')}` };
    expect((await foundIn([base, more])).traces).toEqual([]);
    const recorder = new PackageListRecorder();
    recorder.entry({ path: MANIFEST, type: 'file', mode: 0, size: 1 });
    recorder.content(MANIFEST, Buffer.from(`${more[MANIFEST]}`));
    recorder.endLayer();
    expect(recorder.systemPackages.rpm).toEqual(['glibc', 'openssl', 'python3']);
  });
});

test("files of a system package are judged by that package's own list", async () => {
  const files = [`/${JAVA}/release`, `/${JAVA}/bin/java`];
  const base = { ...dpkg([{ name: 'jre', version: '17', files }]), [`${JAVA}/release`]: 'JAVA_VERSION="17"\n' };
  expect(await said(base, { [`${JAVA}/release`]: null })).toEqual([]);
});

test.each<[string, string]>([
  ['another DESCRIPTION', '/srv/app/DESCRIPTION'],
  ['another release', '/etc/release'],
  ['a text that ends early', '/php/.registry/a.reg'],
])('%s lists nothing', (_, path) => {
  const kind = listAt(path)?.kind;
  if (!kind) throw new Error('no list');
  for (const text of ['', 'x', 'a:1:{s:4:"name";s:9:"a"', 'a:99999999:{', `${'a:1:{i:0;'.repeat(1000)}`]) {
    expect(READERS[kind](Buffer.from(text), path)).toEqual([]);
  }
});
