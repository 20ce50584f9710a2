import { expect, test } from '@jest/globals';
import { fileDifferences, type LayerFile } from './file-difference.ts';

function layer(files: Readonly<Record<string, Partial<LayerFile>>>): ReadonlyMap<string, LayerFile> {
  const plain = { type: 'file', mode: 0o644, uid: 0, gid: 0, size: 3, link: '', time: '0', content: 'a' } as const;
  return new Map(Object.entries(files).map(([path, file], at) => [path, { ...plain, at, ...file }]));
}

test.each<[string, Partial<LayerFile>, string, string]>([
  ['content of one size', { content: 'b' }, 'content', 'other content of the same size'],
  ['content of another size', { content: 'b', size: 5 }, 'content', '3 and 5 bytes'],
  ['a type', { type: 'directory', content: '' }, 'content', 'a file, then a directory'],
  ['a link', { link: '/b' }, 'content', 'a link to , then to /b'],
  ['a mode', { mode: 0o4755 }, 'metadata', 'mode 0644 and 4755'],
  ['an owner', { uid: 10, gid: 20 }, 'metadata', 'owner 0:0 and 10:20'],
  ['a time', { time: '1.5' }, 'time', 'modified at 1970-01-01T00:00:00.000Z and 1970-01-01T00:00:01.500Z'],
])('%s that differs is named', (_, change, kind, detail) => {
  expect(fileDifferences(layer({ x: {} }), layer({ x: change }))).toEqual([{ path: 'x', kind, detail }]);
});

test('the most telling difference comes first', () => {
  const first = layer({ a: {}, b: {}, c: {} });
  const second = layer({ a: { time: '1' }, b: { mode: 0o600 }, c: { content: 'b', time: '1' } });
  expect(fileDifferences(first, second).map(({ path, kind }) => `${path} ${kind}`)).toEqual([
    'c content',
    'b metadata',
    'a time',
  ]);
});

test('files of one build alone are named, and move no others', () => {
  expect(fileDifferences(layer({ a: {}, c: {} }), layer({ b: {}, c: {} }))).toEqual([
    { path: 'a', kind: 'presence', detail: 'only in the first build' },
    { path: 'b', kind: 'presence', detail: 'only in the second build' },
  ]);
  expect(fileDifferences(layer({ a: {}, c: {} }), layer({ c: {} }))).toHaveLength(1);
});

test('equal files in another order are one difference', () => {
  expect(fileDifferences(layer({ a: {}, b: {}, c: {} }), layer({ b: {}, a: {}, c: {} }))).toEqual([
    { path: 'a', kind: 'order', detail: 'at another position in the layer' },
  ]);
  expect(fileDifferences(layer({ a: {}, b: {} }), layer({ a: {}, b: {} }))).toEqual([]);
});
