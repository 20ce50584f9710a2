import { expect, test } from '@jest/globals';
import { foundIn, type Layer } from './image.fixture.ts';

const MODULE = 'app/node_modules/a/package.json';
const text = (name: string, version: string) => JSON.stringify({ name, version });

const languages = async (...layers: readonly Layer[]) =>
  (await foundIn(layers)).languages.map(
    ({ type, name, version, path, layer }) => `${type} ${name} ${version} ${path} ${layer}`,
  );

test('each language has a package: where its metadata are, and from which layer', async () => {
  const found = await languages(
    {
      [MODULE]: text('a', '1'),
      'app/node_modules/@s/b/package.json': text('@s/b', '2'),
      'site/c-3.dist-info/METADATA': 'Name: c\nVersion: 3\n',
      'site/d.egg-info': 'Name: d\nVersion: 4\n',
      'gems/specifications/e-5.gemspec': 's.name = "e"\ns.version = "5"\n',
    },
    {
      'app/vendor/composer/installed.json': `{"packages":[${text('f/f', '6')}]}`,
      'conda/conda-meta/g-7-0.json': text('g', '7'),
    },
  );
  expect(found.toSorted()).toEqual([
    'conda g 7 /conda/conda-meta/g-7-0.json 1',
    'gem e 5 /gems/specifications/e-5.gemspec 0',
    'npm @s/b 2 /app/node_modules/@s/b/package.json 0',
    'npm a 1 /app/node_modules/a/package.json 0',
    'php-composer f/f 6 /app/vendor/composer/installed.json 1',
    'python c 3 /site/c-3.dist-info/METADATA 0',
    'python d 4 /site/d.egg-info 0',
  ]);
});

test('Python reads METADATA and PKG-INFO in folders of both kinds, Syft one in each', async () => {
  const [metadata, other] = ['Name: c\nVersion: 3\n', 'Name: x\nVersion: 9\n'];
  expect(await languages({ 'site/c-3.dist-info/PKG-INFO': metadata })).toEqual([
    'python c 3 /site/c-3.dist-info/PKG-INFO 0',
  ]);
  const both = { 'site/c.egg-info/PKG-INFO': other, 'site/c.egg-info/METADATA': metadata };
  expect(await languages(both)).toEqual([
    'python x 9 /site/c.egg-info/PKG-INFO 0',
    'python c 3 /site/c.egg-info/METADATA 0',
  ]);
});

test('files that are not visible in a container do not count', async () => {
  expect(await languages({ [MODULE]: text('a', '1') }, { [MODULE]: text('a', '2') })).toEqual([`npm a 2 /${MODULE} 1`]);
  expect(await languages({ [MODULE]: text('a', '1') }, { 'app/node_modules': null })).toEqual([]);
});

test('a package.json that is none of a module does not count', async () => {
  expect(
    await languages({
      'app/package.json': text('a', '1'),
      'app/node_modules/a/test/fixture/package.json': text('b', '1'),
      'usr/share/nodejs/c/package.json': text('c', '1'),
    }),
  ).toEqual([]);
});

test('metadata that are hard links are read where they lead', async () => {
  const store: Layer = { 'store/ab/cd': text('a', '1'), [MODULE]: { type: 'hardlink', link: 'store/ab/cd' } };
  const { languages: found, walks } = await foundIn([{ 'store/ab/cd': text('other', '1') }, store]);
  expect(found).toEqual([{ type: 'npm', name: 'a', version: '1', path: `/${MODULE}`, layer: 1 }]);
  expect(walks).toBe(2);
  const twin = 'b/node_modules/a/package.json';
  const both = await foundIn([{ [MODULE]: text('a', '1'), [twin]: { type: 'hardlink', link: MODULE } }]);
  expect(both.languages.map(({ path }) => path)).toEqual([`/${MODULE}`, `/${twin}`]);
  expect(both.walks).toBe(1);
});

test('metadata that are too large to be read fail', async () => {
  const { traces, languages: found } = await foundIn([{ [MODULE]: `{"a":"${'x'.repeat(4 * 1024 * 1024)}"}` }]);
  expect(found).toEqual([]);
  expect(traces).toEqual([
    {
      kind: 'hidden-package',
      path: `/${MODULE}`,
      layer: 0,
      what: expect.stringMatching(/^the metadata were not compared with the SBOM: it is larger than 4/),
    },
  ]);
});
