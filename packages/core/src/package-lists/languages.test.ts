import { describe, expect, test } from '@jest/globals';
import { dpkg, type Layer, purged, said } from './image.fixture.ts';
import { readPackageJson, readPythonMetadata } from './languages.ts';

const SITE = 'usr/local/lib/python3.12/site-packages';
const metadata = (name: string, version: string) =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\nText\n`;

describe('python', () => {
  const wheel = (name: string, version: string, modules: readonly string[] = [`${name}/__init__.py`]): Layer => ({
    [`${SITE}/${name}-${version}.dist-info/METADATA`]: metadata(name, version),
    [`${SITE}/${name}-${version}.dist-info/RECORD`]: [
      ...modules.map((module) => `${module},sha256=x,1`),
      `${name}-${version}.dist-info/METADATA,sha256=y,2`,
      `"../../../bin/${name}",sha256=z,3`,
      `${name}/__pycache__/__init__.cpython-312.pyc,,`,
    ].join('\r\n'),
    ...Object.fromEntries(modules.map((module) => [`${SITE}/${module}`, `${name} ${version}`])),
    [`${SITE}/${name}/__pycache__/__init__.cpython-312.pyc`]: 'x',
    [`usr/local/bin/${name}`]: `${name} ${version}`,
  });
  const base = { ...wheel('requests', '2.19.0'), ...wheel('pip', '24.0') };
  const INFO = `${SITE}/requests-2.19.0.dist-info`;
  const removed: Layer = {
    [INFO]: null,
    [`${SITE}/requests/__init__.py`]: null,
    'usr/local/bin/requests': null,
  };

  test.each<[string, Layer]>([
    ['its folder is deleted', { [INFO]: null }],
    ['METADATA is deleted', { [`${INFO}/METADATA`]: null }],
    ['METADATA is emptied', { [`${INFO}/METADATA`]: '' }],
    ['METADATA is renamed', { [`${INFO}/METADATA`]: null, [`${INFO}/PKG-INFO`]: metadata('requests', '2.19.0') }],
    ['METADATA and RECORD are emptied', { [`${INFO}/METADATA`]: '', [`${INFO}/RECORD`]: '' }],
    ['another name', { [`${INFO}/METADATA`]: metadata('acme', '2.19.0') }],
    [
      'its modules are written again',
      { [INFO]: null, [`${SITE}/requests/__init__.py`]: 'requests 2.19.0', 'usr/local/bin/requests': 'x' },
    ],
  ])('%s: fails', async (_, layer) => {
    const [found = '', ...more] = await said(base, layer);
    expect(found).toMatch(
      /METADATA: package requests 2\.19\.0 removed from the list, its files remain \(\/usr\/local\/lib\/python3\.12\/site-packages\/requests\/__init__\.py/,
    );
    expect(more).toEqual([]);
  });

  test.each<[string, Layer]>([
    ['in METADATA', { [`${INFO}/METADATA`]: metadata('requests', '99') }],
    [
      'by a folder of another name',
      { [INFO]: null, [`${SITE}/requests-99.dist-info/METADATA`]: metadata('Requests', '99') },
    ],
  ])('an edited version fails: %s', async (_, layer) => {
    const found = await said(base, layer);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/package requests 2\.19\.0 became [Rr]equests 99 in the list, its files did not change/);
  });

  test('pip install, upgrade and uninstall pass', async () => {
    const upgraded = { [`${SITE}/requests-2.19.0.dist-info`]: null, ...wheel('requests', '2.32.0') };
    expect(await said(base, wheel('urllib3', '2.0'), upgraded)).toEqual([]);
    expect(await said(base, removed)).toEqual([]);
    expect(await said(base, { [SITE]: null, 'usr/local/bin': null })).toEqual([]);
    expect(await said(base, { ...removed, ...wheel('requests2', '1', ['requests/__init__.py']) })).toEqual([]);
  });

  test('a wheel renamed to another project, whose modules it leaves as they are, passes with its RECORD', async () => {
    const same = {
      ...wheel('requests2', '1', ['requests/__init__.py']),
      [`${SITE}/requests/__init__.py`]: 'requests 2.19.0',
    };
    expect(await said(base, { ...removed, ...same })).toEqual([]);
  });

  test('wheels that uv links out of its cache are known by it', async () => {
    const cache = 'root/.cache/uv/archive-v0/x';
    const linked = Object.fromEntries(
      Object.entries(wheel('requests', '2.19.0')).flatMap(([path, content]) => [
        [path.replace(SITE, cache), content],
        [path, { type: 'hardlink' as const, link: path.replace(SITE, cache) }],
      ]),
    );
    expect(await said(linked, { [INFO]: null })).toHaveLength(1);
    expect(await said(linked, removed)).toEqual([]);
    expect(await said(base, { ...removed, ...linked })).toEqual([]);
  });

  const EGG = `${SITE}/six-1.16.egg-info`;
  test('an egg is known by its modules', async () => {
    const egg = {
      [`${EGG}/PKG-INFO`]: metadata('six', '1.16'),
      [`${EGG}/top_level.txt`]: 'six\n',
      [`${SITE}/six.py`]: 'x',
    };
    expect(await said(egg, { [EGG]: null })).toEqual([
      `/${EGG}/PKG-INFO: package six 1.16 removed from the list, its files remain (/${SITE}/six.py) (1)`,
    ]);
    expect(await said(egg, { [EGG]: null, [`${SITE}/six.py`]: null })).toEqual([]);
    const single = { [EGG]: metadata('six', '1.16'), [`${SITE}/six.py`]: 'x' };
    expect(await said(single, { [EGG]: null })).toHaveLength(1);
    expect(await said({ ...single, [`${SITE}/six.py`]: null }, { [EGG]: null })).toEqual([
      `/${EGG}: package six 1.16 removed from the list, and no list of its files is known (1)`,
    ]);
    const zipped = { [`${SITE}/six.egg/EGG-INFO/PKG-INFO`]: metadata('six', '1'), [`${SITE}/six.egg/six.py`]: 'x' };
    expect(await said(zipped, { [`${SITE}/six.egg/EGG-INFO`]: null })).toHaveLength(1);
    expect(await said(zipped, { [`${SITE}/six.egg`]: null })).toEqual([]);
  });

  test("what Debian's package brings is on Debian's list", async () => {
    const deb = {
      name: 'python3-six',
      version: '1',
      files: ['/usr/lib/python3/dist-packages/six.py', '/usr/lib/python3/dist-packages/six-1.egg-info/PKG-INFO'],
    };
    const layer = { ...dpkg([deb]), 'usr/lib/python3/dist-packages/six-1.egg-info/PKG-INFO': metadata('six', '1') };
    expect(await said(layer, purged([], deb))).toEqual([]);
    expect(await said(layer, { 'usr/lib/python3/dist-packages/six-1.egg-info': null })).toEqual([]);
    // A claim of a later layer does not count.
    const claims = { 'var/lib/dpkg/info/tzdata.list': `/${INFO}/METADATA` };
    expect(await said(base, claims, { [INFO]: null })).toHaveLength(1);
  });
});

describe('npm', () => {
  const MODULE = 'app/node_modules/lodash';
  const json = (name: string, version: string, more: object = {}) => JSON.stringify({ name, version, ...more });
  const base: Layer = {
    [`${MODULE}/package.json`]: json('lodash', '4.17.20'),
    [`${MODULE}/index.js`]: 'x',
    [`${MODULE}/node_modules/a/package.json`]: json('a', '1'),
    [`${MODULE}/node_modules/a/index.js`]: 'a',
    'app/node_modules/@acme/b/package.json': json('@acme/b', '1'),
    'app/node_modules/@acme/b/index.js': 'b',
  };
  const GONE = `/${MODULE}/package.json: package lodash 4.17.20 removed from the list, its files remain (/${MODULE}/index.js) (1)`;

  test.each<[string, string | null]>([
    ['deleted', null],
    ['emptied', ''],
    ['without a version', JSON.stringify({ name: 'lodash' })],
    ['with a field of a type that scanners refuse', json('lodash', '4.17.20', { private: 'yes' })],
    ['with two names', '{"name":"lodash","version":"4.17.20","NAME":"x"}'],
    ['with text behind it', `${json('lodash', '4.17.20')} x`],
  ])('a package.json %s fails', async (_, text) => {
    expect(await said(base, { [`${MODULE}/package.json`]: text })).toEqual([GONE]);
  });

  test.each<[string, string, string]>([
    ['version', json('lodash', '99'), 'lodash 99'],
    ['name', json('acme', '4.17.20'), 'acme 4.17.20'],
  ])('an edited %s fails', async (_, text, became) => {
    expect(await said(base, { [`${MODULE}/package.json`]: text })).toEqual([
      `/${MODULE}/package.json: package lodash 4.17.20 became ${became} in the list, its files did not change (/${MODULE}/index.js) (1)`,
    ]);
  });

  test('npm install, update, prune and a link to the store of pnpm pass', async () => {
    const updated = {
      [MODULE]: null,
      [`${MODULE}/package.json`]: json('lodash', '4.17.21'),
      [`${MODULE}/index.js`]: 'y',
    };
    expect(await said(base, updated)).toEqual([]);
    expect(await said(base, { [MODULE]: null })).toEqual([]);
    expect(await said(base, { 'app/node_modules/': {}, 'app/node_modules/.wh..wh..opq': '' })).toEqual([]);
    const stored = {
      'a/store': json('lodash', '4.17.20'),
      [`${MODULE}/package.json`]: { type: 'hardlink', link: 'a/store' },
    } as const;
    expect(await said(base, stored)).toEqual([]);
    expect(await said(base, { ...stored, 'a/store': json('lodash', '99') })).toEqual([GONE]);
  });

  test("the application's own package.json is no list", async () => {
    expect(await said({ 'app/package.json': json('app', '1'), 'app/x.js': '' }, { 'app/package.json': null })).toEqual(
      [],
    );
  });
});

describe('composer', () => {
  const LIST = 'app/vendor/composer/installed.json';
  const list = (...packages: readonly (readonly [string, string])[]) =>
    JSON.stringify({ packages: packages.map(([name, version]) => ({ name, version, 'install-path': `../${name}` })) });
  const base = {
    [LIST]: list(['monolog/monolog', '2.0'], ['acme/dev', '1']),
    'app/vendor/monolog/monolog/src/Logger.php': 'x',
    'app/vendor/acme/dev/x.php': 'x',
  };

  test('a package taken off the list fails, and one that is removed passes', async () => {
    expect(await said(base, { [LIST]: list(['acme/dev', '1']) })).toEqual([
      `/${LIST}: package monolog/monolog 2.0 removed from the list, its files remain (/app/vendor/monolog/monolog/src/Logger.php) (1)`,
    ]);
    expect(await said(base, { [LIST]: list(['monolog/monolog', '99'], ['acme/dev', '1']) })).toHaveLength(1);
    expect(await said(base, { [LIST]: null })).toHaveLength(2);
    expect(await said(base, { [LIST]: list(['monolog/monolog', '2.0']), 'app/vendor/acme': null })).toEqual([]);
    expect(
      await said(
        { [LIST]: JSON.stringify([{ name: 'a/b', version: '1' }]), 'app/vendor/a/b/x.php': '' },
        { [LIST]: '[]' },
      ),
    ).toHaveLength(1);
  });
});

describe('conda', () => {
  const META = 'opt/conda/conda-meta/zlib-1.2-0.json';
  const base = {
    [META]: JSON.stringify({ name: 'zlib', version: '1.2', files: ['lib/libz.so', 'include/zlib.h'] }),
    'opt/conda/lib/libz.so': 'x',
  };

  test('metadata that are deleted fail, and a package that is removed or updated passes', async () => {
    expect(await said(base, { [META]: null })).toEqual([
      `/${META}: package zlib 1.2 removed from the list, its files remain (/opt/conda/lib/libz.so) (1)`,
    ]);
    expect(await said(base, { [META]: null, 'opt/conda/lib/libz.so': null })).toEqual([]);
    const newer = {
      'opt/conda/conda-meta/zlib-1.3-0.json': JSON.stringify({ name: 'zlib', version: '1.3', files: ['lib/libz.so'] }),
      'opt/conda/lib/libz.so': 'y',
    };
    expect(await said(base, { [META]: null, ...newer })).toEqual([]);
  });
});

describe('metadata are read as Syft reads them', () => {
  const python = (text: string) =>
    readPythonMetadata(Buffer.from(text)).map(({ name, version }) => `${name} ${version}`);
  test.each<[string, readonly string[]]>([
    ['Name: a\nVersion: 1\n\nName: b\n', ['a 1']],
    ['\nName: a\nVersion: 1\n', ['a 1']],
    ['Name: a\nName: b\nVersion: 1\n', ['b 1']],
    [' x\nName: a\n', []],
    ['Name: a\nVer\u017fion: 1\n', ['a 1']],
    ['Name: a\n x\nVersion: 1\n', ['a\n x 1']],
    ['Name: a\nVersion: 1\nno field\n 2\n', ['a 1\n 2']],
    [`Name: a\nX: ${'y'.repeat(70_000)}\nVersion: 1\n`, ['a ']],
  ])('python %#', (text, expected) => {
    expect(python(text)).toEqual(expected);
  });

  const npm = (text: string) => readPackageJson(Buffer.from(text)).map(({ name, version }) => `${name} ${version}`);
  test.each<[string, readonly string[]]>([
    ['{"name":"a","version":"1"}', ['a 1']],
    ['{"Name":"a","VERSION":"1"}', ['a 1']],
    ['{"name":"a","version":"1","repository":"x","private":true,"dependencies":{"b":"1"},"license":5}', ['a 1']],
    ['{"name":"a","version":"1","repository":{"url":5}}', []],
    ['{"name":"a","version":"1","dependencies":["b"]}', []],
    ['{"name":"a","version":1}', []],
    ['{"name":null,"version":"1"}', []],
    ['{"name":"a","vers\u0131on":"1"}', []],
    ['{"name":"a","ver\u017fion":"1"}', ['a 1']],
    ['[]', []],
  ])('npm %s', (text, expected) => {
    expect(npm(text)).toEqual(expected);
  });
});
