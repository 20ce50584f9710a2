import { expect, test } from '@jest/globals';
import { signingMode } from './signing-mode.ts';

test('a key that would not be used is an error', () => {
  expect(() => signingMode('keyless', true)).toThrow(expect.objectContaining({ id: 'input-conflict' }));
});

test('signing with a key that is empty is an error', () => {
  expect(() => signingMode('key', false)).toThrow(expect.objectContaining({ id: 'key-missing' }));
});
