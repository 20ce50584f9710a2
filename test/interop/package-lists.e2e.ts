/**
 * Lists of packages are read here as Syft reads them: what one of both does not see, an attacker hides behind. One scan
 * of a folder of cases, each a system of its own, and the same files through our readers.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { toolsFolder } from '@tidegate/testkit';
import { readDeclared } from '../../packages/core/src/package-lists/declared.ts';
import { listAt } from '../../packages/core/src/package-lists/place.ts';
import { READERS } from '../../packages/core/src/package-lists/read.ts';
import { bdbOf, ndbOf, sqliteOf } from '../../packages/core/src/package-lists/rpm.fixture.ts';

const tools = await toolsFolder({ log: (line) => console.error(line) });
const folder = await mkdtemp(join(tmpdir(), 'tidegate-lists-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const STATUS = '/var/lib/dpkg/status';
const APK = '/lib/apk/db/installed';
const WHEEL = '/usr/lib/python3/site-packages/a-1.dist-info/METADATA';
const EGG = '/usr/lib/python3/site-packages/a-1.egg-info';
const MODULE = '/app/node_modules/a/package.json';
const GEM = '/usr/lib/ruby/gems/3.1.0/specifications/a-1.gemspec';
const COMPOSER = '/app/vendor/composer/installed.json';
const CONDA = '/opt/conda/conda-meta/a-1-0.json';
const PACMAN = '/var/lib/pacman/local/a-1/desc';

const MANIFEST = '/var/lib/rpmmanifest/container-manifest-2';
const PORTAGE = '/var/db/pkg/net-misc/curl-8.5.0-r1/CONTENTS';
const PEAR = '/usr/lib/php/.registry/a.reg';
const DESCRIPTION = '/usr/lib/R/library/a/DESCRIPTION';
const BREW = '/opt/homebrew/Cellar/a/1/.brew/a.rb';

const manifest = (name: string, version: string) =>
  [name, version, '1', '2', 'Acme', '(none)', '5', 'x86_64', '0', `${name}.src.rpm`].join('\t');

const rpms = [
  { name: 'openssl-libs', version: '3.0.7', files: ['/usr/lib64/libssl.so.3'] },
  {
    name: 'glibc',
    version: '2.34',
    files: Array.from({ length: 700 }, (_, at) => `/usr/lib/locale/${at}`),
    filling: 20_000,
  },
  { name: 'bash', version: '5.1', files: ['/usr/bin/bash'] },
];
const sqlite = sqliteOf(rpms);

const deb = (...lines: readonly string[]) => `${lines.join('\n')}\n`;
const A = ['Package: a', 'Status: install ok installed', 'Architecture: amd64', 'Version: 1'];
const B = ['', 'Package: b', 'Version: 2'];

const CASES: readonly (readonly [path: string, content: string | Buffer])[] = [
  [STATUS, deb(...A, ...B)],
  [STATUS, `${A.join('\n')}\nSource: x`],
  [STATUS, deb(...A, 'Version: 2', ...B)],
  [STATUS, deb('Package: a', 'Pack-age: b', 'Version: 1')],
  [STATUS, deb(' x', ...A)],
  [STATUS, deb(...A, '', ' continued', ...B)],
  [STATUS, deb(...A, 'no field', ' continued', ...B)],
  [STATUS, deb(...A, 'no field', ...B)],
  [STATUS, deb(...A, 'Installed-Size: 5 kB', ...B)],
  [STATUS, deb(...A, 'Installed-Size: x', ...B)],
  [STATUS, deb(...A, 'Installed-Size: x', ' continued', ...B)],
  [STATUS, deb(...A, 'Conffiles:', ' /etc/x 0', ...B)],
  [STATUS, deb('Package: a', 'Status: deinstall ok config-files', 'Version: 1', ...B)],
  [STATUS, deb('Package: a', 'Status: install ok half-installed', 'Version: 1', ...B)],
  [STATUS, deb('Package: a', ' b', 'Version: 1', ...B)],
  [STATUS, deb('Package: a', 'Version: 1', ' 2', ...B)],
  [STATUS, deb(...A, 'Installed-Size: 5', ' 6', ...B)],
  [STATUS, deb('Package: a', 'Status: install ok', ' deinstall', 'Version: 1', ...B)],
  [STATUS, deb(...A, 'Source: x', ' y', ...B)],
  [STATUS, deb('package: a', 'Version: 1', ...B)],
  [STATUS, deb('Package: a', 'version: 1', ...B)],
  [STATUS, deb('Package: a', '\tVersion: 1', ...B)],
  [STATUS, deb('Package: a\r', 'Version: 1\r', '\r', 'Package: b')],
  [STATUS, deb('Package: a', 'Version: 1', ' ', 'Package: b')],
  [STATUS, deb('Package: a ', 'Version:1', '', '', ...B)],
  [STATUS, ''],
  ['/var/lib/dpkg/status.d/a', deb('Package: a', 'Version: 1')],
  [APK, 'P:a\nV:1\nA:x86_64\no:x\n\nP:b\nV:2\n\n'],
  [APK, 'P:a\nV:1'],
  [APK, 'P:a\r\nV:1\r\n\r\nP:b\r\nV:2\r\n'],
  [APK, 'P:a\nV:\nV:2\nnothing\n:x\n\n'],
  [APK, 'P:a\nV:1\nF:bin\nR:sh\na:0:0:755\nZ:Q1x=\n\nP:b\nV:2\nF:lib\nM:0:0:755\n\n'],
  [APK, 'P:a\nP:b\nV:1\n\n'],
  [`/usr${APK}`, 'P:a\nV:1\n\n'],
  [WHEEL, 'Metadata-Version: 2.1\nName: a\nVersion: 1\n\nName: b\n'],
  [WHEEL, 'Name: a\nName: b\nVersion: 1\n'],
  [WHEEL, '\n\nName: a\nVersion: 1\n'],
  [WHEEL, ' x\nName: a\nVersion: 1\n'],
  [WHEEL, 'Name: a\n continued\nVersion: 1\n'],
  [WHEEL, 'Name: a\nno field\nVersion: 1\n'],
  [WHEEL, 'Name: a\nVersion: 1\nno field\n 2\n'],
  [WHEEL, 'name: a\nversion: 1\n'],
  [WHEEL, 'Na-me: a\nVersion: 1\n'],
  [WHEEL, 'Name: Python\nVersion: 1\n'],
  [WHEEL, 'Name: a\r\nVersion: 1\r\n\r\nName: b\r\n'],
  [WHEEL, 'Name:\nVersion: 1\n'],
  [WHEEL, 'Name: a\nVersion: 1\nFiles: x\n'],
  [WHEEL, 'Name: a\nVersion: 1\nTop-Level-Packages: x\n'],
  [WHEEL, 'Name: a\nVersion: 1\nDirect-URL-Origin: x\n'],
  [WHEEL, 'Name: a\nVersion: 1\nDist-Info-Location: x\n'],
  [WHEEL, 'Name: a\nVersion: 1\nAuthor: x\nHome-page: y\nRequires-Dist: b\nRequires-Dist: c\nProvides-Extra: d\n'],
  [WHEEL, `Name: a\nVersion: 1\nX: ${'y'.repeat(70_000)}\nVersion: 2\n`],
  [EGG, 'Name: a\nVersion: 1\n'],
  [`${EGG}/PKG-INFO`, 'Name: a\nVersion: 1\n'],
  [MODULE, '{"name":"a","version":"1"}'],
  [MODULE, '{"name":"a","version":"1","private":"yes"}'],
  [MODULE, '{"name":"a","version":"1","repository":{"url":5}}'],
  [MODULE, '{"name":"a","version":"1","repository":{"url":null},"dependencies":{"b":"1"}}'],
  [MODULE, '{"name":"a","version":"1","dependencies":["b"]}'],
  [MODULE, '{"name":"a","version":1}'],
  [MODULE, '{"NAME":"a","Version":"1"}'],
  [MODULE, '{"version":"1"}'],
  [MODULE, '{"name":"a","version":"1"} x'],
  [MODULE, ''],
  [GEM, 'Gem::Specification.new do |s|\n  s.name = "a".freeze\n  s.version = "1"\nend\n'],
  [GEM, 's.name = "a"; s.name = "b"\ns.version = "1"\n'],
  [GEM, "s.name = 'a'\ns.version = '1'\ns.name = 'b'\n"],
  [GEM, 's.name = name\ns.version = "1"\n'],
  [COMPOSER, '{"packages":[{"name":"a/b","version":"1"},{"name":"c/d","version":"2"}]}'],
  [COMPOSER, '[{"name":"a/b","version":"1"}]'],
  [COMPOSER, '{}'],
  [COMPOSER, '{"packages":[{"name":"a/b","version":"1"},{"name":"c/d","version":2}]}'],
  [COMPOSER, '{"packages":[{"name":"a/b","version":"1","license":"MIT"}]}'],
  [COMPOSER, '{"Packages":[{"Name":"a/b","VERSION":"1","dist":{"type":"zip"},"source":null,"autoload":5}]}'],
  [COMPOSER, '{"packages":[{"name":"a/b","version":"1","authors":[{"name":"x"}],"require":{"php":"8"}}]}'],
  [CONDA, '{"name":"a","version":"1","build":"0","files":[]}'],
  [CONDA, '{"name":"a","version":"1"'],
  [CONDA, '{"name":"a","version":"1","build":0}'],
  [PACMAN, '%NAME%\na\n\n%VERSION%\n1\n\n%BASE%\nx\n\n'],
  [MANIFEST, `${manifest('a', '1-2')}\n${manifest('b', '3-4')}\n`],
  [MANIFEST, `${manifest('a', '1-2')}\n${manifest('b', '3-4')}`],
  [MANIFEST, `${manifest('a', '1')}\n${manifest('b', '1-2-3')}\n${manifest('c', '1-2').slice(0, 20)}\n`],
  [PORTAGE, 'obj /usr/bin/curl 0123 1\n'],
  [PORTAGE, ''],
  ['/var/db/pkg/a/b/CONTENTS', ''],
  ['/var/db/pkg/a/b-1.2_rc3/CONTENTS', ''],
  ['/var/db/pkg/a/b-1x2/CONTENTS', ''],
  [PEAR, 'a:2:{s:4:"name";s:1:"a";s:7:"version";a:1:{s:7:"release";s:1:"1";}}'],
  [PEAR, 'a:2:{s:4:"name";s:2:"\u00e9";s:7:"version";a:1:{s:7:"release";s:1:"1";}}'],
  [PEAR, 'a:3:{s:1:"x";a:2:{i:0;b:1;i:1;N;}s:4:"name";s:1:"a";s:7:"version";a:1:{s:7:"release";s:1:"1";}}'],
  [PEAR, 'a:1:{s:4:"name"'],
  [PEAR, ''],
  [DESCRIPTION, 'Package: a\nTitle: x\n  y: z\nVersion: 1\n'],
  [DESCRIPTION, 'Package: a\n'],
  [DESCRIPTION, 'Package: a\r\nVersion: 1\r\n'],
  [BREW, ''],
  ['/usr/lib/opkg/info/a.control', 'Package: a\nVersion: 1\n'],
  ['/usr/lib/sysimage/rpm/rpmdb.sqlite', sqlite],
  ['/usr/lib/sysimage/rpm/rpmdb.sqlite', sqlite.subarray(0, sqlite.length - 4096)],
  ['/usr/lib/sysimage/rpm/rpmdb.sqlite', ''],
  ['/usr/lib/sysimage/rpm/Packages.db', ndbOf(rpms)],
  ['/var/lib/rpm/Packages', bdbOf(rpms)],
  ['/usr/share/rpm/Packages', bdbOf(rpms, false)],
];

/** Syft gives these up, or takes them for another package. The tools of the language read each as `a 1`. */
const GIVEN_UP: readonly (readonly [path: string, content: string])[] = [
  [MODULE, '{"author":5,"name":"a","version":"1"}'],
  [MODULE, '{"name":5,"name":"a","version":"1"}'],
  [MODULE, '{"name":"a","version":"1","Name":"b"}'],
  [MODULE, '{"name":"a","version":"1","VERSION":"2"}'],
  [MODULE, '\uFEFF{"name":"a","version":"1"}'],
  [MODULE, '{"name":"a","version":"1","dependencies":["b"]}'],
  [MODULE, '{"name":"a","version":"1","private":"yes"}'],
  [WHEEL, 'Name: a\nVersion: 1\nRequires-dist: x\n'],
  [WHEEL, '\uFEFFName: a\nVersion: 1\n'],
  [WHEEL, ' x\nName: a\nVersion: 1\n'],
  [WHEEL, 'Name: a\nVersion: 1\nName: b\n'],
  [WHEEL, 'Name: a\nVersion: 1\nFiles: x\n'],
  [WHEEL, 'Metadata-Version: 2.1\rName: a\rVersion: 1\r'],
  [WHEEL, 'Name:\n a\nVersion:\n 1\n'],
  [WHEEL.replace('.dist-info', '.Dist-Info'), 'Name: a\nVersion: 1\n'],
  [WHEEL.replace('METADATA', 'PKG-INFO'), 'Name: a\nVersion: 1\n'],
  [WHEEL.replace('.dist-info', '.egg-info'), 'Name: a\nVersion: 1\n'],
  ['/gems/specifications/a-1.gemspec', 's.name = ["a"].join\ns.version = "1"\n'],
  [GEM, 's.name = "a".freeze\ns.version = "1"\n# s.na.freezeme = "b"\n'],
  [GEM, 's.name = %q{a}\ns.version = "1"\n'],
  [GEM, `# ${'x'.repeat(70_000)}\ns.name = "a"\ns.version = "1"\n`],
  [COMPOSER, '{"packages":[{"name":"a","version":"1","authors":[5]}]}'],
  [COMPOSER, '{"packages":[{"name":"a","version":"1","license":"MIT"}]}'],
  [CONDA, '{"name":"a","version":"1","build":0}'],
];

/** Name and version of each package, by case. */
async function readBySyft(
  folder: string,
  cases: readonly (readonly [path: string, content: string | Buffer])[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  for (const [at, [path, content]] of cases.entries()) {
    const file = join(folder, `case-${at}`, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const systems = 'dpkg-db,apk-db,rpm-db,alpm-db,portage,homebrew,';
  const languages = 'conda-meta,python-installed-package,javascript-package,php-pear-serialized,r-package,';
  const catalogers = `${systems}${languages}ruby-installed-gemspec,php-composer-installed`.replaceAll(
    /([a-z-]+)(,|$)/g,
    '$1-cataloger$2',
  );
  const { stdout } = await promisify(execFile)(
    join(tools, 'syft'),
    ['scan', `dir:${folder}`, '--quiet', '--output', 'syft-json', '--override-default-catalogers', catalogers],
    { env: { PATH: process.env.PATH, HOME: folder, SYFT_CHECK_FOR_APP_UPDATE: 'false' }, maxBuffer: 1 << 26 },
  );
  const found = new Map<number, string[]>();
  const { artifacts } = JSON.parse(stdout) as {
    artifacts: { name: string; version: string; locations: { path: string }[] }[];
  };
  for (const { name, version, locations } of artifacts) {
    const at = Number(/case-([0-9]+)\//.exec(locations[0]?.path ?? '')?.[1]);
    found.set(at, [...(found.get(at) ?? []), `${name} ${version}`]);
  }
  return found;
}

test('Syft and this reader see the same packages', async () => {
  const bySyft = await readBySyft(join(folder, 'lists'), CASES);
  const told = (at: number, path: string, texts: readonly string[]) => ({ at, path, packages: texts.toSorted() });
  const theirs = CASES.map(([path], at) => told(at, path, bySyft.get(at) ?? []));
  const ours = CASES.map(([path, content], at) => {
    const place = listAt(path);
    const packages = place ? READERS[place.kind](Buffer.from(content as string), path) : [];
    return told(
      at,
      path,
      packages.map(({ name, version }) => `${name} ${version}`),
    );
  });
  expect(ours).toEqual(theirs);
  expect(bySyft.size).toBeGreaterThan(30);
});

test('files that Syft skips but language tools read are still declared', async () => {
  const bySyft = await readBySyft(join(folder, 'given-up'), GIVEN_UP);
  for (const [at, [path, content]] of GIVEN_UP.entries()) {
    const place = listAt(path);
    const declared = place ? readDeclared(place.kind, Buffer.from(content), path) : [];
    expect([content, declared]).toEqual([content, [{ name: 'a', version: '1' }]]);
    expect([content, bySyft.get(at) ?? []]).not.toEqual([content, ['a 1']]);
  }
});
