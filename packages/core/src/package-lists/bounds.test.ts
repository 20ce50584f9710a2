import { expect, test } from '@jest/globals';
import { dpkg, foundIn, type Layer, paragraph, said } from './image.fixture.ts';

test('more packages than can be held are not compared, and that fails', async () => {
  const list = (version: string) =>
    Array.from({ length: 300 }, (_, at) => paragraph({ name: `p${at}`, version })).join('\n');
  const layers = [{ 'var/lib/dpkg/status': list('1') }, { 'var/lib/dpkg/status': list('2') }];
  expect((await foundIn(layers, 500)).traces[0]?.what).toBe('more packages than can be compared');
  expect((await foundIn(layers, 700)).traces[0]?.what).not.toBe('more packages than can be compared');
});

test('an image whose lists are deleted again and again is read in a moment', async () => {
  const many: Layer = Object.fromEntries(
    Array.from({ length: 3000 }, (_, at) => [`a/node_modules/m${at}/package.json`, `{"name":"m${at}","version":"1"}`]),
  );
  const started = process.cpuUsage();
  const layers = [
    many,
    Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`a${at % 2 ? '' : `/${at}`}`, null])),
  ];
  await foundIn(layers);
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(4000);
});

test('an emptied list of five hundred packages is judged in a moment', async () => {
  const debs = Array.from({ length: 500 }, (_, at) => ({
    name: `p${at}`,
    version: '1',
    files: Array.from({ length: 20 }, (_each, file) => `/usr/lib/p${at}/${file}`),
  }));
  const started = process.cpuUsage();
  expect(await said(dpkg(debs), { 'var/lib/dpkg/status': '' })).toHaveLength(500);
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(5000);
});
