import { describe, expect, test } from '@jest/globals';
import { type Deb, dpkg, foundIn, type Layer, paragraph, purged, said } from './image.fixture.ts';

const curl: Deb = { name: 'curl', version: '7.88.1', files: ['/usr/bin/curl'] };
const libcurl: Deb = {
  name: 'libcurl4',
  version: '7.88.1',
  source: 'curl',
  files: ['/usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0'],
};
const coreutils: Deb = { name: 'coreutils', version: '9.1', files: ['/bin/ls', '/usr/bin/env'] };
const acme: Deb = { name: 'acme', version: '1', files: ['/usr/bin/acme'] };
const all = [coreutils, curl, libcurl];
const base = dpkg(all);
const status = (packages: readonly Deb[]): Layer => ({ 'var/lib/dpkg/status': packages.map(paragraph).join('\n') });
const STATUS = '/var/lib/dpkg/status';

describe('a package that is taken off the list and not out of the image', () => {
  const curlHidden = [`${STATUS}: package curl 7.88.1 removed from the list, its files remain (/usr/bin/curl) (1)`];

  test.each<[string, Layer, number]>([
    ['the list is emptied', { 'var/lib/dpkg/status': '' }, 3],
    ['the list is deleted', { 'var/lib/dpkg/status': null }, 3],
    ['the folder is deleted', { 'var/lib/dpkg': null }, 3],
    ['the folder is made opaque', { 'var/lib/dpkg/': {}, 'var/lib/dpkg/.wh..wh..opq': '' }, 3],
    ['the folder is a link', { 'var/lib/dpkg': { type: 'symlink', link: '/x' } }, 3],
    ['the list is a link', { 'var/lib/dpkg/status': { type: 'symlink', link: '/dev/null' } }, 3],
    ['the list is a folder', { 'var/lib/dpkg/status/': {} }, 3],
    [
      'the list is a hard link to something else',
      { a: 'x', 'var/lib/dpkg/status': { type: 'hardlink', link: 'a' } },
      3,
    ],
    [
      'the list says something twice, and scanners give it up',
      { 'var/lib/dpkg/status': `${all.map(paragraph).join('\n')}Package: a\n` },
      3,
    ],
    [
      'the list continues nothing, and scanners give it up',
      { 'var/lib/dpkg/status': ` x\n${all.map(paragraph).join('\n')}` },
      3,
    ],
    ['one is left out', status([coreutils, libcurl]), 1],
    ['one counts as removed', status([coreutils, { ...curl, status: 'deinstall ok config-files' }, libcurl]), 1],
    ['one is called otherwise', status([coreutils, { ...curl, name: 'acme' }, libcurl]), 1],
    ['its list of files goes too', { ...status([coreutils, libcurl]), 'var/lib/dpkg/info/curl.list': null }, 1],
    ['its list of files is emptied', { ...status([coreutils, libcurl]), 'var/lib/dpkg/info/curl.list': '' }, 1],
    ['its file was written again', { ...status([coreutils, libcurl]), 'usr/bin/curl': 'curl 7.88.1' }, 1],
    [
      'another package claims its file',
      { ...status([coreutils, libcurl]), 'var/lib/dpkg/info/coreutils.list': '/bin/ls\n/usr/bin/curl' },
      1,
    ],
    [
      'a package that brings nothing claims its file',
      {
        ...status([coreutils, { ...acme, files: [] }, libcurl]),
        'var/lib/dpkg/info/acme.list': '/usr/bin/curl',
      },
      1,
    ],
    [
      'a new package claims its file, and brings others alone',
      {
        ...dpkg([coreutils, acme, libcurl], [acme]),
        'var/lib/dpkg/info/acme.list': '/usr/bin/acme\n/usr/bin/curl',
      },
      1,
    ],
  ])('%s', async (_, layer, count) => {
    const found = await said(base, layer);
    expect(found).toHaveLength(count);
    const [one = ''] = found.filter((text) => text.includes('package curl '));
    expect(one).toMatch(
      /^\/var\/lib\/dpkg\/status: package curl 7\.88\.1 removed from the list, its files remain \(\/usr\/bin\/curl/,
    );
  });

  test('each is named, with the layer that did it', async () => {
    expect(await said(base, {}, { 'var/lib/dpkg/status': '' })).toEqual([
      `${STATUS}: package coreutils 9.1 removed from the list, its files remain (/bin/ls) (2)`,
      `${STATUS}: package curl 7.88.1 removed from the list, its files remain (/usr/bin/curl) (2)`,
      `${STATUS}: package libcurl4 7.88.1 removed from the list, its files remain (/usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0) (2)`,
    ]);
  });

  test('in two steps', async () => {
    expect(await said(base, { 'var/lib/dpkg/info/curl.list': '' }, status([coreutils, libcurl]))).toEqual(
      curlHidden.map((text) => text.replace('(1)', '(2)')),
    );
    const late = dpkg(
      [...all, { name: 'nano', version: '1', files: ['/bin/nano'] }],
      [{ name: 'nano', version: '1', files: ['/bin/nano'] }],
    );
    expect(await said(base, late, status(all))).toEqual([
      `${STATUS}: package nano 1 removed from the list, its files remain (/bin/nano) (2)`,
    ]);
  });

  test('its files lie where merged folders put them', async () => {
    const merged = Object.fromEntries(
      Object.entries(base).map(([path, content]) => [path.replace(/^bin\//, 'usr/bin/'), content]),
    );
    expect(await said(merged, status([curl, libcurl]))).toEqual([
      `${STATUS}: package coreutils 9.1 removed from the list, its files remain (/usr/bin/ls) (1)`,
    ]);
  });

  test('a package without a list of files is not reported as removed', async () => {
    const bare = Object.fromEntries(Object.entries(base).filter(([path]) => !path.includes('/info/')));
    expect(await said(bare, status([coreutils, libcurl]))).toEqual([
      `${STATUS}: package curl 7.88.1 removed from the list, and no list of its files is known (1)`,
    ]);
  });

  test('a list too large to be read', async () => {
    const big = Buffer.concat([Buffer.from(all.map(paragraph).join('\n')), Buffer.alloc(33 * 1024 * 1024, '\n')]);
    expect(await said(base, { 'var/lib/dpkg/status': big })).toHaveLength(3);
    const [first, ...more] = await said({ ...base, 'var/lib/dpkg/status': big }, status([]));
    expect(first).toBe(
      `${STATUS}: the list was not compared with the one that replaced it: it is larger than 32 MiB (0)`,
    );
    expect(more).toHaveLength(3);
  });
});

describe('a version that is edited', () => {
  test.each<[string, Deb, string]>([
    ['version', { ...libcurl, version: '99' }, 'libcurl4 99'],
    ['source package', { ...libcurl, source: 'acme' }, 'libcurl4 7.88.1, of another source'],
    ['architecture and version', { ...libcurl, version: '99', architecture: 'all' }, 'libcurl4 99'],
  ])('%s', async (_, edited, became) => {
    expect(await said(base, status([coreutils, curl, edited]))).toEqual([
      `${STATUS}: package libcurl4 7.88.1 became ${became} in the list, its files did not change (/usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0) (1)`,
    ]);
  });

  test.each<[string, string]>([
    ['Source-Version', 'Source-Version: 99'],
    ['SourceVersion', 'SourceVersion: 99'],
    ['another case of it', 'source-version: 99'],
    ['a letter that is an s to Go', '\u017fource-Version: 99'],
    ['two of them', 'SOURCE-VERSION: 99\nsource-version: 98'],
    ['a second Version in another case', 'VERSION: 99'],
  ])('a field that scanners match by is added: %s', async (_, field) => {
    const added = all.map((one) => paragraph(one).replace(/^Version: /m, one === curl ? `${field}\nVersion: ` : '$&'));
    expect(await said(base, { 'var/lib/dpkg/status': added.join('\n') })).toEqual([
      `${STATUS}: package curl 7.88.1 became curl 7.88.1, of another source in the list, its files did not change (/usr/bin/curl) (1)`,
    ]);
  });

  test('a field that no scanner matches by may change', async () => {
    const text = all.map(paragraph).join('\n').replaceAll('Description: x', 'Description: y\nMaintainer: z');
    expect(await said(base, { 'var/lib/dpkg/status': text })).toEqual([]);
  });

  test('a second paragraph of the same name does not hide the first', async () => {
    expect(await said(base, status([...all, { ...libcurl, version: '99' }]))).toEqual([]);
  });
});

describe('changes by package managers', () => {
  const newer: Deb = { ...libcurl, version: '7.88.1-10+deb12u14' };
  const renamed: Deb = { ...libcurl, name: 'libcurl4t64', version: '8.14' };
  const other: Deb = { name: 'libx', version: '1', architecture: 'i386', files: ['/usr/share/x/data'] };

  test.each<[string, readonly Layer[]]>([
    ['installs', [base, dpkg([...all, { name: 'nano', version: '1', files: ['/bin/nano'] }], [])]],
    ['installs in one layer, and nothing below', [{ 'usr/bin/curl': 'curl' }, base]],
    ['purges', [base, purged([coreutils, libcurl], curl)]],
    [
      'removes, and keeps the configuration',
      [
        dpkg([coreutils, { ...curl, files: ['/usr/bin/curl', '/etc/curlrc'] }]),
        {
          ...status([coreutils, { ...curl, status: 'deinstall ok config-files' }]),
          'usr/bin/curl': null,
          'usr/share/doc/curl/': {},
          'usr/share/doc/curl/.wh..wh..opq': '',
        },
      ],
    ],
    [
      'purges all that have been installed in a layer',
      [
        base,
        dpkg(
          [...all, { name: 'gcc', version: '1', files: ['/bin/gcc'] }],
          [{ name: 'gcc', version: '1', files: ['/bin/gcc'] }],
        ),
        purged(all, { name: 'gcc', version: '1', files: ['/bin/gcc'] }),
      ],
    ],
    [
      'purges, and a file of the same name is put there by hand',
      [base, { ...purged([coreutils, libcurl], curl), 'usr/bin/curl': 'own' }],
    ],
    [
      'purges, and a later layer puts a file there',
      [base, purged([coreutils, libcurl], curl), { 'usr/bin/curl': 'own' }],
    ],
    ['purges and installs again', [base, purged([coreutils, libcurl], curl), dpkg(all, [curl])]],
    ['upgrades', [base, dpkg([coreutils, curl, newer], [newer])]],
    [
      'upgrades, and some files stay as they were',
      [
        dpkg([{ ...libcurl, files: ['/usr/lib/libcurl.so.4', '/usr/share/curl/data'] }]),
        {
          ...status([newer]),
          'usr/lib/libcurl.so.4': 'newer',
          'var/lib/dpkg/info/libcurl4.list': '/usr/lib/libcurl.so.4\n/usr/share/curl/data',
        },
      ],
    ],
    [
      'upgrades a package that has changed its documentation alone',
      [
        dpkg([
          coreutils,
          { name: 'base-files', version: '12.4', files: ['/usr/share/base-files/profile', '/etc/debian_version'] },
        ]),
        { ...status([coreutils, { name: 'base-files', version: '12.5' }]), 'etc/debian_version': '12.5' },
      ],
    ],
    ['renames', [base, { ...dpkg([coreutils, curl, renamed], [renamed]), 'var/lib/dpkg/info/libcurl4.list': null }]],
    [
      'renames, and some files stay as they were',
      [
        dpkg([{ ...libcurl, files: ['/usr/lib/libcurl.so.4', '/usr/share/curl/data'] }]),
        {
          ...status([renamed]),
          'usr/lib/libcurl.so.4': 'newer',
          'var/lib/dpkg/info/libcurl4.list': null,
          'var/lib/dpkg/info/libcurl4t64.list': '/usr/lib/libcurl.so.4\n/usr/share/curl/data',
        },
      ],
    ],
    [
      'purges one of two architectures',
      [
        { ...dpkg([other]), ...status([other, { ...other, architecture: 'amd64' }]) },
        status([{ ...other, architecture: 'amd64' }]),
      ],
    ],
    [
      'purges a package that shares a file with another',
      [
        dpkg([curl, { name: 'wcurl', version: '1', files: ['/usr/bin/curl', '/usr/bin/wcurl'] }]),
        status([{ name: 'wcurl', version: '1' }]),
      ],
    ],
    ['purges a package that has no files', [dpkg([curl, { name: 'curl-all', version: '1' }]), status([curl])]],
    ['writes a part of its list, and the whole later', [base, status([curl]), status(all)]],
    ['moves its list', [base, { 'var/lib/dpkg': null, 'usr/lib/dpkg/status': all.map(paragraph).join('\n') }]],
    [
      'links its list',
      [
        base,
        {
          'var/lib/dpkg/copy': all.map(paragraph).join('\n'),
          'var/lib/dpkg/status': { type: 'hardlink', link: 'var/lib/dpkg/copy' },
        },
      ],
    ],
    ['leaves with the whole system', [base, Object.fromEntries(['usr', 'bin', 'var'].map((path) => [path, null]))]],
  ])('%s', async (_, layers) => {
    expect(await said(...layers)).toEqual([]);
  });

  test('a copy out of another stage is a layer that no list is of', async () => {
    expect(await said({ 'usr/bin/curl': 'curl', 'usr/lib/libcurl.so.4': 'x' })).toEqual([]);
    expect(await said(dpkg([coreutils]), { 'usr/bin/curl': 'curl' })).toEqual([]);
  });

  test('layers are read once where every package stays', async () => {
    const nano: Deb = { name: 'nano', version: '1', files: ['/bin/nano'] };
    expect((await foundIn([base, dpkg([...all, nano], [nano])])).walks).toBe(1);
    expect((await foundIn([base, purged([coreutils, libcurl], curl)])).walks).toBe(2);
  });
});
