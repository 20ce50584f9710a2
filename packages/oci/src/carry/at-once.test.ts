import { expect, test } from '@jest/globals';
import { atOnce } from './at-once.ts';

const MIB = 1024 * 1024;

test.each([
  ['two where answers come at once', MIB, 0.2, 64, 2],
  ['more where the registry has to think', MIB, 1.5, 64, 7],
  ['more of small blobs, which are dealt with sooner', MIB / 16, 0.2, 64, 12],
  ['two of large blobs', 50 * MIB, 1.5, 64, 2],
  ['more of large blobs behind a long line', 50 * MIB, 50, 64, 5],
  ['its share of what the registry takes', MIB, 50, 20, 10],
  ['its share of it where no answer has come yet', MIB, Number.POSITIVE_INFINITY, 9, 5],
  ['its share of it for blobs of no bytes', 0, 1, 8, 4],
  ['two of no bytes, from a registry of no time', 0, 0, 64, 2],
  ['two even where the registry takes less', MIB, 50, 1, 2],
])('%s', (_, size, quickest, limit, expected) => {
  expect(atOnce(size, { quickest, limit }, 2)).toBe(expected);
});
