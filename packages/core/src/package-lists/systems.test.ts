import { describe, expect, test } from '@jest/globals';
import { readApkInstalled } from './apk.ts';
import { type Layer, said } from './image.fixture.ts';

interface Apk {
  readonly name: string;
  readonly version: string;
  readonly files?: readonly string[];
  readonly origin?: string;
}

function installed(packages: readonly Apk[]): string {
  return packages
    .map(({ name, version, files = [], origin = name }) => {
      const lines = ['C:Q1x=', `P:${name}`, `V:${version}`, 'A:x86_64', `o:${origin}`];
      for (const file of files) {
        const slash = file.lastIndexOf('/');
        lines.push(`F:${file.slice(1, slash)}`, `R:${file.slice(slash + 1)}`, 'a:0:0:755', 'Z:Q1y=');
      }
      return `${lines.join('\n')}\n`;
    })
    .join('\n');
}

const filesOf = (packages: readonly Apk[]): Layer =>
  Object.fromEntries(packages.flatMap(({ files = [], version }) => files.map((file) => [file.slice(1), version])));

describe('apk', () => {
  const musl: Apk = { name: 'musl', version: '1.2.5-r0', files: ['/lib/ld-musl-x86_64.so.1'] };
  const curl: Apk = { name: 'curl', version: '8.5-r0', files: ['/usr/bin/curl'] };
  const libcurl: Apk = { name: 'libcurl', version: '8.5-r0', origin: 'curl', files: ['/usr/lib/libcurl.so.4'] };
  const all = [musl, curl, libcurl];
  const base = (path: string): Layer => ({ [path]: installed(all), ...filesOf(all) });

  describe.each(['lib/apk/db/installed', 'usr/lib/apk/db/installed'])('%s', (path) => {
    const list = (packages: readonly Apk[]): Layer => ({ [path]: installed(packages) });

    test.each<[string, Layer, number]>([
      ['emptied', { [path]: '' }, 3],
      ['deleted', { [path]: null }, 3],
      ['poisoned, so that scanners give it up', { [path]: `M:0:0:755\n${installed(all)}` }, 3],
      ['without one package', list([musl, libcurl]), 1],
      ['that calls one otherwise', list([musl, { ...curl, name: 'acme' }, libcurl]), 1],
    ])('%s fails', async (_, layer, count) => {
      const found = await said(base(path), layer);
      expect(found).toHaveLength(count);
      expect(found.join('\n')).toContain(
        `/${path}: package curl 8.5-r0 removed from the list, its files remain (/usr/bin/curl) (1)`,
      );
    });

    test('an edited version or origin fails', async () => {
      const [edited, origin] = [
        { ...curl, version: '99' },
        { ...libcurl, origin: 'acme' },
      ];
      expect(await said(base(path), list([musl, edited, origin]))).toEqual([
        `/${path}: package curl 8.5-r0 became curl 99 in the list, its files did not change (/usr/bin/curl) (1)`,
        `/${path}: package libcurl 8.5-r0 became libcurl 8.5-r0, of another source in the list, its files did not change (/usr/lib/libcurl.so.4) (1)`,
      ]);
    });

    test('apk add, upgrade and del pass, virtual packages included', async () => {
      const gcc: Apk = { name: 'gcc', version: '13', files: ['/usr/bin/gcc'] };
      const virtual: Apk = { name: '.build-deps', version: '20260101.000000' };
      const newer = { ...curl, version: '8.6-r0' };
      const built = { ...list([...all, gcc, virtual]), ...filesOf([gcc]) };
      expect(await said(base(path), built, { ...list(all), 'usr/bin/gcc': null })).toEqual([]);
      expect(await said(base(path), { ...list([musl, newer, libcurl]), ...filesOf([newer]) })).toEqual([]);
      expect(await said(base(path), list([curl]), { [path]: null }, list(all))).toEqual([]);
    });
  });

  test('moves its list', async () => {
    const [from, to] = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'];
    expect(await said(base(from), { [from]: null, [to]: installed(all) })).toEqual([]);
  });

  test.each<[string, string, readonly string[]]>([
    ['a package', 'P:a\nV:1\n\n', ['a 1']],
    ['no line break at the end', 'P:a\nV:1', ['a 1']],
    ['values that are empty', 'P:a\nV:\nV:2\n', ['a 2']],
    ['lines that are no field', 'P:a\nnothing\n:x\nV:1\n', ['a 1']],
    ['line breaks of Windows', 'P:a\r\nV:1\r\n\r\nP:b\r\n', ['a 1', 'b ']],
    ['a mode of no folder', 'P:a\nV:1\nM:0:0:755\n', []],
    ['a mode of no file', 'P:a\nV:1\nF:bin\na:0:0:755\n', []],
  ])('is read as Syft reads it: %s', (_, text, expected) => {
    expect(readApkInstalled(Buffer.from(text)).map(({ name, version }) => `${name} ${version}`)).toEqual(expected);
  });
});

describe('pacman', () => {
  const folder = (name: string, version: string) => `var/lib/pacman/local/${name}-${version}`;
  const of = (name: string, version: string, files: readonly string[]): Layer => ({
    [`${folder(name, version)}/desc`]: `%NAME%\n${name}\n\n%VERSION%\n${version}\n\n%BASE%\n${name}\n\n`,
    [`${folder(name, version)}/files`]: `%FILES%\nusr/\n${files.map((file) => file.slice(1)).join('\n')}\n\n`,
    ...Object.fromEntries(files.map((file) => [file.slice(1), version])),
  });
  const base = { ...of('zlib', '1.3', ['/usr/lib/libz.so']), ...of('bash', '5', ['/usr/bin/bash']) };

  test('a folder that is deleted fails, and a package that is upgraded or removed passes', async () => {
    expect(await said(base, { [folder('zlib', '1.3')]: null })).toEqual([
      '/var/lib/pacman/local/zlib-1.3/desc: package zlib 1.3 removed from the list, its files remain (/usr/lib/libz.so) (1)',
    ]);
    expect(await said(base, { [folder('zlib', '1.3')]: null, ...of('zlib', '1.4', ['/usr/lib/libz.so']) })).toEqual([]);
    expect(await said(base, { [folder('zlib', '1.3')]: null, 'usr/lib/libz.so': null })).toEqual([]);
  });
});
