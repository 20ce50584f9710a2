import { expect, test } from '@jest/globals';
import { batchGo } from './go-runtime.ts';

const GIB = 2 ** 30;

test.each([
  ['a large machine', 24 * GIB, 8 * GIB],
  ['a hosted runner', 6 * GIB, 2 * GIB],
  ['a small container, where the limit is never so low that every image is slow', GIB / 2, GIB / 4],
])('Syft and Grype collect garbage rarely up to a third of the available memory: %s', (_what, available, limit) => {
  expect(batchGo(available)).toEqual({ GOGC: '400', GOMEMLIMIT: String(limit) });
});

test('the available memory is that of this machine or container', () => {
  const limit = Number(batchGo().GOMEMLIMIT);
  expect(limit).toBeGreaterThanOrEqual(GIB / 4);
  expect(limit).toBeLessThan(process.availableMemory());
});
