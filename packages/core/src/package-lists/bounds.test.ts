import { expect, test } from '@jest/globals';
import { dpkg, foundIn, type Layer, paragraph, said } from './image.fixture.ts';

test('an image of a million entries on its lists is compared as far as that can be held, and says that it was not all', async () => {
  const list = (version: string) =>
    Array.from({ length: 250_000 }, (_, at) => paragraph({ name: `p${at}`, version })).join('\n');
  const { traces } = await foundIn([{ 'var/lib/dpkg/status': list('1') }, { 'var/lib/dpkg/status': list('2') }]);
  expect(traces[0]?.what).toBe('more packages than can be compared');
}, 60_000);

test('an image whose lists are deleted again and again is read in a moment', async () => {
  const many: Layer = Object.fromEntries(
    Array.from({ length: 3000 }, (_, at) => [`a/node_modules/m${at}/package.json`, `{"name":"m${at}","version":"1"}`]),
  );
  const started = process.cpuUsage();
  const layers = [
    many,
    Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`a${at % 2 ? '' : `/${at}`}`, null])),
  ];
  await foundIn(layers);
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(4000);
}, 60_000);

test('an emptied list of a thousand packages is judged in a moment', async () => {
  const debs = Array.from({ length: 1000 }, (_, at) => ({
    name: `p${at}`,
    version: '1',
    files: Array.from({ length: 50 }, (_each, file) => `/usr/lib/p${at}/${file}`),
  }));
  const started = process.cpuUsage();
  expect(await said(dpkg(debs), { 'var/lib/dpkg/status': '' })).toHaveLength(1000);
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(5000);
}, 60_000);
