import { expect, test } from '@jest/globals';
import { compressionOf } from './compression.ts';

const of = (type: '' | 'gzip' | 'zstd' | 'estargz', level = '', force = false) =>
  compressionOf({ compression: type, 'compression-level': level, 'force-compression': force });

test('is a type, a level that it has, and whether layers of others are recompressed', () => {
  expect(of('')).toBeUndefined();
  expect(of('zstd')).toEqual({ type: 'zstd', isForced: false });
  expect(of('zstd', '22', true)).toEqual({ type: 'zstd', level: 22, isForced: true });
  expect(of('estargz', '0')).toEqual({ type: 'estargz', level: 0, isForced: false });
});

test.each([
  ['gzip', '10'],
  ['estargz', '10'],
  ['zstd', '23'],
  ['gzip', '-1'],
  ['gzip', 'best'],
] as const)('%s has no level %s', (type, level) => {
  expect(() => of(type, level)).toThrow(/^Input compression-level: got /);
});

test('settings of a compression that is not chosen have no effect, which is an error', () => {
  expect(() => of('', '3')).toThrow(/^Input compression: .*because compression-level is set/);
  expect(() => of('', '', true)).toThrow(/^Input compression: .*because force-compression is set/);
});
