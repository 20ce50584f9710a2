import { expect, test } from '@jest/globals';
import { groupBy } from './group-by.ts';

test('groups and their items stand in the order in which they come', () => {
  const groups = groupBy([3, 1, 4, 1, 5, 9, 2, 6], (number) => (number % 2 === 0 ? 'even' : 'odd'));
  expect([...groups]).toEqual([
    ['odd', [3, 1, 1, 5, 9]],
    ['even', [4, 2, 6]],
  ]);
});

test('keys are the same as in a Map: NaN is itself, and nothing is a key too', () => {
  const groups = groupBy([Number.NaN, undefined, Number.NaN], (item) => item);
  expect(groups.get(Number.NaN)).toHaveLength(2);
  expect(groups.get(undefined)).toEqual([undefined]);
});
