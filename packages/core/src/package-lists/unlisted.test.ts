/** Systems that arrive in one layer: no lower layer shows the earlier content of their lists. */
import { describe, expect, test } from '@jest/globals';
import { type Deb, dpkg, foundIn, type Layer, paragraph, said } from './image.fixture.ts';

const curl: Deb = { name: 'curl', version: '7.88.1', files: ['/usr/bin/curl'] };
const coreutils: Deb = { name: 'coreutils', version: '9.1', files: ['/bin/ls', '/usr/bin/env'] };
const libc: Deb = { name: 'libc6', version: '2.36', files: ['/lib/x86_64-linux-gnu/libc.so.6'] };
const all = [coreutils, curl, libc];
const base = dpkg(all);
const INFO = '/var/lib/dpkg/info';
const curlHidden = [`${INFO}/curl.list: package curl is on no list, its files are in the image (/usr/bin/curl) (0)`];

const without = (layer: Layer, ...paths: readonly string[]): Layer =>
  Object.fromEntries(Object.entries(layer).filter(([path]) => !paths.includes(path)));

describe('a flattened Debian fails', () => {
  test.each<[string, Layer]>([
    ['with an emptied list', { ...base, 'var/lib/dpkg/status': '' }],
    ['without a list', without(base, 'var/lib/dpkg/status')],
    ['with a list that scanners give up', { ...base, 'var/lib/dpkg/status': ' x\n' }],
  ])('%s', async (_, layer) => {
    expect(await said(layer)).toEqual([
      `${INFO}/coreutils.list: package coreutils is on no list, its files are in the image (/bin/ls) (0)`,
      ...curlHidden,
      `${INFO}/libc6.list: package libc6 is on no list, its files are in the image (/lib/x86_64-linux-gnu/libc.so.6) (0)`,
    ]);
  });

  test.each<[string, Layer]>([
    ['with one package left out', dpkg([coreutils, libc], all)],
    ['with one that counts as removed', dpkg([coreutils, { ...curl, status: 'deinstall ok config-files' }, libc], all)],
    [
      'with checksums alone',
      {
        ...without(dpkg([coreutils, libc], all), 'var/lib/dpkg/info/curl.list'),
        'var/lib/dpkg/info/curl.md5sums': `${'0'.repeat(32)}  usr/bin/curl\n`,
      },
    ],
  ])('%s', async (_, layer) => {
    const found = await said(layer);
    expect(found.map((text) => text.replace('.md5sums', '.list'))).toEqual(curlHidden);
  });

  test('and is reported once, by its first list of files', async () => {
    const layer = {
      ...dpkg([coreutils, libc], all),
      'var/lib/dpkg/info/curl.md5sums': `${'0'.repeat(32)}  usr/bin/curl\n`,
    };
    expect(await said(layer)).toHaveLength(1);
  });

  test('whatever later layers do', async () => {
    const emptied = { ...base, 'var/lib/dpkg/status': '' };
    expect(await said(emptied, { app: 'x' })).toHaveLength(3);
    expect(await said(emptied, { 'usr/bin/curl': null }, { app: 'x' })).toHaveLength(2);
  });

  test('below another folder', async () => {
    const inner = Object.fromEntries(
      Object.entries(dpkg([coreutils, libc], all)).map(([path, content]) => [`rootfs/${path}`, content]),
    );
    expect(await said(inner)).toEqual([
      `/rootfs${INFO}/curl.list: package curl is on no list, its files are in the image (/rootfs/usr/bin/curl) (0)`,
    ]);
  });

  test('with five hundred packages, in a moment', async () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ name: `a${at}`, version: '1', files: [`/usr/bin/a${at}`] }));
    const started = performance.now();
    expect(await said({ ...dpkg(many), 'var/lib/dpkg/status': '' })).toHaveLength(500);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('ordinary images pass', () => {
  const D = 'var/lib/dpkg/status.d';
  test.each<[string, readonly Layer[]]>([
    ['a flattened Debian', [base]],
    ['a list that says less, and files that went with it', [without(dpkg([coreutils, libc], all), 'usr/bin/curl')]],
    [
      'a package that was removed, and its configuration kept',
      [
        {
          ...dpkg([coreutils, { ...curl, status: 'deinstall ok config-files' }, libc], [coreutils, libc]),
          'var/lib/dpkg/info/curl.list': '/.\n/etc\n/etc/curlrc\n',
          'etc/curlrc': 'x',
        },
      ],
    ],
    [
      'a package of several architectures',
      [
        {
          ...without(base, 'var/lib/dpkg/info/libc6.list'),
          'var/lib/dpkg/info/libc6:amd64.list': '/lib/x86_64-linux-gnu/libc.so.6\n',
        },
      ],
    ],
    [
      'files that another package took over',
      [
        {
          ...dpkg([coreutils, libc], all),
          'var/lib/dpkg/info/coreutils.list': '/bin/ls\n/usr/bin/env\n/usr/bin/curl\n',
        },
      ],
    ],
    ['lists of files, and nothing else of the system', [{ 'var/lib/dpkg/info/curl.list': '/usr/bin/curl\n' }]],
    ['files that were copied without any list', [{ 'usr/bin/curl': 'x', 'usr/share/doc/curl/copyright': 'x' }]],
    [
      'files that were copied, and the list',
      [without(base, ...all.map(({ name }) => `var/lib/dpkg/info/${name}.list`))],
    ],
    [
      'distroless, where the file of a package is called otherwise',
      [
        {
          [`${D}/libssl1`]: paragraph({ name: 'libssl1.1', version: '1.1.1' }),
          [`${D}/libssl1.md5sums`]: `${'0'.repeat(32)}  usr/lib/libssl.so.1.1\n`,
          'usr/lib/libssl.so.1.1': 'x',
        },
      ],
    ],
  ])('%s', async (_, layers) => {
    expect(await said(...layers)).toEqual([]);
  });

  test('and is read once', async () => {
    expect((await foundIn([base])).walks).toBe(1);
  });
});

test('distroless without the file of one package, whose checksums are there', async () => {
  const layer = {
    'var/lib/dpkg/status.d/base': paragraph({ name: 'base-files', version: '12.4' }),
    'var/lib/dpkg/status.d/libssl3.md5sums': `${'0'.repeat(32)}  usr/lib/libssl.so.3\n`,
    'usr/lib/libssl.so.3': 'x',
  };
  const hidden = [
    '/var/lib/dpkg/status.d/libssl3.md5sums: package libssl3 is on no list, its files are in the image (/usr/lib/libssl.so.3) (0)',
  ];
  expect(await said(layer)).toEqual(hidden);
  expect(await said({ ...layer, 'var/lib/dpkg/status.d/libssl3': '' })).toEqual(hidden);
});

describe('a flattened Alpine', () => {
  const busybox = {
    'bin/busybox': 'x',
    'lib/apk/db/triggers': 'Q1x= /bin /usr/bin\n',
    'lib/apk/db/scripts.tar': 'x'.repeat(2048),
  };
  const LIST = 'P:busybox\nV:1.36.1\nF:bin\nR:busybox\n\n';

  test.each<[string, Layer]>([
    ['with an emptied list', { ...busybox, 'lib/apk/db/installed': '' }],
    ['without a list', busybox],
  ])('%s fails', async (_, layer) => {
    expect(await said(layer)).toEqual([
      '/lib/apk/db/scripts.tar: apk keeps scripts of packages, and /lib/apk/db/installed names no package (0)',
    ]);
  });

  test.each<[string, readonly Layer[]]>([
    ['as it was made', [{ ...busybox, 'lib/apk/db/installed': LIST }]],
    ['whose list is below usr', [{ ...busybox, 'usr/lib/apk/db/installed': LIST }]],
    [
      'that has no package yet',
      [{ 'lib/apk/db/installed': '', 'lib/apk/db/triggers': '', 'lib/apk/db/scripts.tar': '\0'.repeat(1024) }],
    ],
    [
      'from which apk and all packages were taken',
      [
        { ...busybox, 'lib/apk/db/installed': LIST },
        { 'bin/busybox': null, 'lib/apk/db/installed': '' },
      ],
    ],
  ])('%s passes', async (_, layers) => {
    expect(await said(...layers)).toEqual([]);
  });
});
