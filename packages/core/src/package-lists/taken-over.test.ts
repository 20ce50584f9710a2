/**
 * A removed package whose files now belong to another one: replaced by package managers, or hidden by a fabricated
 * package.
 */
import { describe, expect, test } from '@jest/globals';
import { type Deb, dpkg, type Layer, paragraph, said } from './image.fixture.ts';

const ELF = '\x7fELF';
const LIBRARY = '/usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0';
const curl: Deb = { name: 'curl', version: '7.88.1', files: ['/usr/bin/curl', LIBRARY, '/usr/share/curl/data'] };
const coreutils: Deb = { name: 'coreutils', version: '9.1', files: ['/bin/ls'] };
const acme: Deb = { ...curl, name: 'acme', version: '1' };

const content = (version: string): Layer => ({
  'usr/bin/curl': `${ELF} curl ${version}`,
  [LIBRARY.slice(1)]: `${ELF} libcurl ${version}`,
  'usr/share/curl/data': 'the same data',
});
const base: Layer = { ...dpkg([coreutils, curl]), ...content('7') };
const HIDDEN = /^\/var\/lib\/dpkg\/status: package curl 7\.88\.1 removed from the list, its files remain \(\/usr\//;

/** The lists that dpkg writes when `other` replaces curl and takes these of its files. */
function replaced(other: Deb, files: Layer): Layer {
  const list = ['/.', ...(other.files ?? []), `/usr/share/doc/${other.name}/copyright`].join('\n');
  return {
    'var/lib/dpkg/status': [coreutils, other].map(paragraph).join('\n'),
    'var/lib/dpkg/info/curl.list': null,
    [`var/lib/dpkg/info/${other.name}.list`]: list,
    [`usr/share/doc/${other.name}/copyright`]: 'x',
    ...files,
  };
}

const { 'usr/share/curl/data': data = '', ...programs } = content('7');

describe('a made package does not take over', () => {
  test.each<[string, Layer]>([
    ['by one file of data, and lists the rest', { 'usr/share/curl/data': data }],
    ['by one program of its own, and lists the rest', { 'usr/bin/curl': `${ELF} acme` }],
    ['by all files, as they were', { ...programs, 'usr/share/curl/data': data }],
    ['by all files, of which one is another', { ...programs, 'usr/bin/curl': `${ELF} acme` }],
    [
      'by a hard link to what is the same',
      {
        ...content('9'),
        'usr/lib/acme/curl': `${ELF} curl 7`,
        'usr/bin/curl': { type: 'hardlink', link: 'usr/lib/acme/curl' },
      },
    ],
  ])('%s', async (_, files) => {
    const found = await said(base, replaced(acme, files));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(HIDDEN);
    expect(found[0]).toContain('now of another package');
  });

  test('in two steps', async () => {
    const made = {
      ...replaced(acme, { 'usr/share/curl/data': data }),
      'var/lib/dpkg/status': [coreutils, curl, acme].map(paragraph).join('\n'),
    };
    const gone = { 'var/lib/dpkg/status': [coreutils, acme].map(paragraph).join('\n') };
    expect(await said(base, made, gone)).toEqual([expect.stringMatching(HIDDEN)]);
  });

  test.each(['/usr/lib/python3/dist-packages/curl/a.py', '/usr/share/perl5/Curl.pm', '/usr/share/java/curl.jar'])(
    'nor %s',
    async (file) => {
      const one: Deb = { ...curl, files: [file, '/usr/share/curl/data'] };
      const below = { ...dpkg([coreutils, one]), [file.slice(1)]: 'code' };
      const above = replaced({ ...acme, files: one.files ?? [] }, { 'usr/share/curl/data': 'x' });
      expect(await said(below, above)).toEqual([expect.stringContaining(`its files remain (${file}, now of another`)]);
    },
  );

  test('nor a script', async () => {
    const below = { ...base, ...content('7'), 'usr/bin/curl': '#!/bin/sh\n' };
    expect(await said(below, replaced(acme, { 'usr/share/curl/data': 'x' }))).toEqual([expect.stringMatching(HIDDEN)]);
  });
});

describe('replacements by package managers pass', () => {
  test.each<[string, Deb, Layer]>([
    ['by other software, with programs of its own', acme, content('9')],
    ['and with data that stay as they were', acme, Object.fromEntries(Object.entries(content('9')).slice(0, 2))],
    ['by a new name of the same source', { ...acme, source: 'curl' }, { 'usr/bin/curl': `${ELF} curl 7` }],
    [
      'by a new name of the same source, in another version',
      { ...acme, version: '8', source: 'curl (7.90)' },
      { 'usr/share/curl/data': data },
    ],
    [
      'by software that has none of its files',
      { ...acme, files: [] },
      { 'usr/bin/curl': null, [LIBRARY.slice(1)]: null, 'usr/share/curl': null },
    ],
  ])('%s', async (_, other, files) => {
    expect(await said(base, replaced(other, files))).toEqual([]);
  });

  test('where another package always had the same files', async () => {
    const both = { ...dpkg([coreutils, curl, acme]), ...content('7') };
    const one = { 'var/lib/dpkg/status': [coreutils, acme].map(paragraph).join('\n') };
    expect(await said(both, one)).toEqual([]);
  });

  test('of apk, by its origin', async () => {
    const apk = (name: string, origin: string) =>
      `P:${name}\nV:1\nA:x\no:${origin}\nF:usr/bin\nR:curl\nR:${name}\n\nP:musl\nV:1\n\n`;
    const list = 'lib/apk/db/installed';
    const below = { [list]: apk('curl', 'curl'), 'usr/bin/curl': ELF };
    const renamed = (origin: string) => ({ [list]: apk('curl2', origin), 'usr/bin/curl': ELF, 'usr/bin/curl2': ELF });
    expect(await said(below, renamed('curl'))).toEqual([]);
    expect(await said(below, renamed('acme'))).toEqual([expect.stringContaining('now of another package')]);
  });
});
