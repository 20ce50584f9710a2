import { describe, expect, test } from '@jest/globals';
import { type Deb, dpkg, type Layer, paragraph, said } from './image.fixture.ts';
import { bringsOsRelease } from './os-release.ts';

describe('os-release', () => {
  const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
  const files = { name: 'base-files', version: '12.4', files: ['/usr/lib/os-release', '/usr/share/base-files/x'] };
  const base: Layer = {
    ...dpkg([files]),
    'usr/lib/os-release': DEBIAN,
    'etc/os-release': { type: 'symlink', link: '../usr/lib/os-release' },
  };
  const OTHERWISE = /became debian 12 with other lines of it,/;
  const edit = (from: string, to: string) => DEBIAN.replace(from, to);

  test.each<[string, Layer, RegExp]>([
    [
      'another ID',
      { 'usr/lib/os-release': edit('ID=debian', 'ID=acmeos') },
      /^\/usr\/lib\/os-release: the distribution debian 12 became acmeos 12, and the package that says it did not change \(1\)$/,
    ],
    ['another version', { 'usr/lib/os-release': edit('"12"', '"99"') }, /became debian 99,/],
    ['another code name', { 'usr/lib/os-release': edit('bookworm', 'sid') }, /became debian 12 of another code name,/],
    ['a second ID, which counts', { 'usr/lib/os-release': `${DEBIAN}ID=acmeos\n` }, /became acmeos 12,/],
    ['a file in the place of the link', { 'etc/os-release': 'ID=alpine\nVERSION_ID=3.20\n' }, /became alpine 3.20,/],
    [
      'a link to another file',
      { 'etc/os-release': { type: 'symlink', link: '/opt/x' }, 'opt/x': 'ID=a\n' },
      /became link to \/opt\/x,/,
    ],
    ['nothing', { 'usr/lib/os-release': null }, /became nothing,/],
    [
      'lines that begin with a tab, which Syft does not read',
      { 'usr/lib/os-release': `${edit('ID=debian', 'ID=acmeos')}\tID=debian\n` },
      OTHERWISE,
    ],
    ['an ID before the one that counts', { 'usr/lib/os-release': `ID=acmeos\n${DEBIAN}` }, OTHERWISE],
    ['an ID behind a byte order mark', { 'usr/lib/os-release': `\ufeffID=acmeos\n${DEBIAN}` }, OTHERWISE],
    ['an ID behind the line break of another system', { 'usr/lib/os-release': `A=b\rID=acmeos\n${DEBIAN}` }, OTHERWISE],
    ['white space around the sign', { 'usr/lib/os-release': `ID\u00a0\t=acmeos\n${DEBIAN}` }, OTHERWISE],
    [
      'an ID behind much text',
      { 'usr/lib/os-release': `${DEBIAN}${'#\n'.repeat(40_000)}ID=acmeos\n` },
      /became acmeos 12,/,
    ],
    [
      'a line so long that Syft reads the next file instead',
      { 'etc/os-release': `${DEBIAN}#${'x'.repeat(65_535)}\n`, 'usr/lib/os-release': 'ID=ubuntu\nVERSION_ID=22.04\n' },
      /became nothing,/,
    ],
    [
      'a file too large to be read',
      { 'usr/lib/os-release': Buffer.concat([Buffer.from(DEBIAN), Buffer.alloc(5 * 1024 * 1024, '#\n')]) },
      /became nothing,/,
    ],
    ['another distribution that it is like', { 'usr/lib/os-release': `${DEBIAN}ID_LIKE=arch\n` }, OTHERWISE],
    ['another name', { 'usr/lib/os-release': `${DEBIAN}NAME=alpine\n` }, OTHERWISE],
    ['a version beside its id', { 'usr/lib/os-release': `${DEBIAN}VERSION="3.20.0"\n` }, OTHERWISE],
    ['the version of a Debian', { 'etc/debian_version': '13.1\n' }, /became debian 13\.1,/],
    [
      'the version of a Debian, by a link',
      { 'etc/debian_version': { type: 'symlink', link: '/opt/x' } },
      /became debian,/,
    ],
    [
      'a file in the place of what was there',
      { 'usr/lib/os-release': { type: 'symlink', link: '/opt/x' } },
      /link to \/opt\/x,/,
    ],
  ])('%s fails', async (_, layer, expected) => {
    const found = await said(base, layer);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  describe('the shorter file of distroless, in a layer above base-files', () => {
    const BOOKWORM = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n`;
    const SHORT = `PRETTY_NAME="Distroless"\nNAME="Debian GNU/Linux"\nID="debian"\nVERSION_ID="12"\nVERSION="Debian GNU/Linux 12 (bookworm)"\n`;
    const over = (below: string, above: string) =>
      said({ ...base, 'usr/lib/os-release': below }, { 'usr/lib/os-release': above });

    test('selects the same advisories, and passes', async () => {
      expect(await over(BOOKWORM, SHORT)).toEqual([]);
      expect(await over(BOOKWORM, `${SHORT}VERSION_CODENAME=bookworm\n`)).toEqual([]);
    });

    test.each<[string, string, string]>([
      ['another code name', BOOKWORM, `${SHORT}VERSION_CODENAME=sid\n`],
      ['a code name again', SHORT, BOOKWORM],
      ['another name', BOOKWORM, SHORT.replace('NAME="Debian GNU/Linux"', 'NAME="alpine"')],
      ['another like it', BOOKWORM, `${SHORT}ID_LIKE=alpine\n`],
      ['another version', BOOKWORM, SHORT.replace('"12"', '"13"')],
      ['a version that can be read as one', BOOKWORM, SHORT.replace('="Debian GNU/Linux 12', '="13')],
      ['a second ID', BOOKWORM, `${SHORT}ID=debian\n`],
      ['white space before a key', BOOKWORM, SHORT.replace('\nID=', '\n\tID=')],
      ['an expansion of the shell', BOOKWORM, SHORT.replace('"debian"', '"$X"')],
      ['no numeric version', BOOKWORM.replace('"12"', '"next"'), SHORT.replace('"12"', '"next"')],
      ['no version', BOOKWORM.replace('VERSION_ID="12"\n', ''), SHORT.replace('VERSION_ID="12"\n', '')],
    ])('with %s fails', async (_, below, above) => {
      expect(await over(below, above)).toHaveLength(1);
    });
  });

  test('the target of its link must not change', async () => {
    const linked = {
      ...dpkg([files]),
      'etc/os-release': { type: 'symlink', link: '../opt/release' } as const,
      'opt/release': DEBIAN,
    };
    expect(await said(linked, { 'opt/release': 'ID=alpine\n' })).toEqual([
      expect.stringMatching(/^\/etc\/os-release: the distribution link to \/opt\/release became /),
    ]);
    expect(await said(linked, { 'opt/other': 'ID=alpine\n' })).toEqual([]);
  });

  test.each<[string, string, string, Layer]>([
    ['the release of a CentOS 6', 'etc/system-release-cpe', 'cpe:/o:centos:linux:6:GA', {}],
    ['and none of it', 'etc/system-release-cpe', 'cpe:/o:centos:linux:6:GA', { 'etc/system-release-cpe': null }],
    ['of a CentOS 5', 'etc/redhat-release', 'CentOS release 5.11 (Final)', {}],
  ])('%s fails if a later file overrides it', async (_, path, text, layer) => {
    const older: Layer = { ...dpkg([{ name: 'centos-release', version: '6', files: [`/${path}`] }]), [path]: text };
    const edited: Layer = Object.keys(layer).length > 0 ? layer : { 'etc/os-release': 'ID=alpine\n' };
    expect(await said(older, edited)).toEqual([expect.stringContaining(`/${path}: the distribution ${text} became`)]);
    expect(await said(older, { [path]: text.replace('6', '7').replace('5', '7') })).toHaveLength(1);
    expect(await said({ ...older, ...base }, { [path]: 'x' })).toEqual([]);
  });

  test.each<[string, Layer]>([
    ['a point release', { 'etc/debian_version': '12.9\n' }],
    ['none', { 'etc/debian_version': null }],
    ['what Syft does not read', { 'etc/debian_version': 'trixie/sid\n' }],
  ])('%s of a Debian may change', async (_, layer) => {
    expect(await said({ ...base, 'etc/debian_version': '12.4\n' }, layer)).toEqual([]);
  });

  test.each<[string, Deb, Deb]>([
    ['is called like one', { name: 'lsb-release', version: '1' }, { name: 'lsb-release', version: '2' }],
    [
      'says so later',
      { name: 'acme-release', version: '1', files: ['/usr/lib/os-release'] },
      { name: 'acme-release', version: '2', files: ['/usr/lib/os-release'] },
    ],
  ])('a package that %s does not bring it', async (_, one, other) => {
    const installed: Layer = { ...dpkg([files, one], [one]), 'usr/lib/os-release': DEBIAN };
    const upgraded: Layer = { ...dpkg([files, other], [other]), 'usr/lib/os-release': edit('"12"', '"13"') };
    expect(await said(base, installed, upgraded)).toEqual([expect.stringMatching(/became debian 13, and the package/)]);
  });

  test('with the package that brings it, or in its words alone, it may change', async () => {
    const newer = { ...files, version: '13.1' };
    const upgraded = { ...dpkg([newer]), 'usr/lib/os-release': edit('"12"', '"13"') };
    expect(await said(base, upgraded)).toEqual([]);
    expect(await said(base, { 'usr/lib/os-release': edit('PRETTY_NAME="Debian', 'PRETTY_NAME="Our') })).toEqual([]);
    expect(await said({ 'etc/os-release': DEBIAN }, { 'etc/os-release': 'ID=other\n' })).toEqual([]);
  });

  test.each(['openSUSE-release', 'Leap-release', 'MicroOS-release', 'openEuler-release', 'fedora-release-container'])(
    '%s brings it',
    async (name) => {
      expect(bringsOsRelease(name)).toBe(true);
      const [older, newer] = [
        { ...files, name, version: '1' },
        { ...files, name, version: '2' },
      ];
      const upgraded = { ...dpkg([newer]), 'usr/lib/os-release': edit('"12"', '"13"') };
      expect(await said({ ...base, ...dpkg([older]), 'usr/lib/os-release': DEBIAN }, upgraded)).toEqual([]);
    },
  );

  test('a package whose version is edited beside it does not count', async () => {
    const edited = paragraph({ ...files, version: '99' });
    expect(
      await said(base, { 'var/lib/dpkg/status': edited, 'usr/lib/os-release': edit('ID=debian', 'ID=acmeos') }),
    ).toEqual([
      '/var/lib/dpkg/status: package base-files 12.4 became base-files 99 in the list, its files did not change (/usr/share/base-files/x) (1)',
    ]);
  });
});
