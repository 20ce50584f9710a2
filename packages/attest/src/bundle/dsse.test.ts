import { expect, test } from '@jest/globals';
import { pae } from './dsse.ts';

test('pae gives the example of the DSSE specification', () => {
  const encoded = pae('http://example.com/HelloWorld', Buffer.from('hello world'));
  expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('pae counts bytes and not characters', () => {
  expect(Buffer.from(pae('é', Buffer.from('ü'))).toString()).toBe('DSSEv1 2 é 2 ü');
});
