import { expect, test } from '@jest/globals';
import { defined } from './defined.ts';

test('properties without a value are absent, so that they override nothing', () => {
  expect(Object.keys(defined({ a: 1, b: undefined, c: '', d: null, e: false }))).toEqual(['a', 'c', 'd', 'e']);
  const found: string | undefined = undefined;
  expect({ name: 'kept', ...defined({ name: found }) }).toEqual({ name: 'kept' });
});
