import { expect, test } from '@jest/globals';
import { digestOf, PredicateType } from '@tidegate/core';
import { makeStatement } from '../statement/statement.ts';
import { outputsDocument, readOutputs } from './outputs-document.ts';

const IMAGE = digestOf(Buffer.from('image'));
const { bytes } = makeStatement(PredicateType.provenance, [{ digest: IMAGE, name: 'ä' }], { a: 1 });
const OTHER = makeStatement(PredicateType.verdict, [{ digest: IMAGE }], {});

test('statements are read byte for byte as they were written', () => {
  const document = outputsDocument(IMAGE, [{ name: 'binaries.linux_amd64', bytes }]);
  const [only, ...others] = readOutputs(document, IMAGE);
  expect(others).toEqual([]);
  expect(only?.name).toBe('binaries.linux_amd64');
  expect(Buffer.from(only?.bytes ?? []).equals(Buffer.from(bytes))).toBe(true);
});

test.each([
  ['of another image', outputsDocument(digestOf(Buffer.from('other')), [{ name: 'a', bytes }]), /is for sha256:/],
  ['with a name that is a path', outputsDocument(IMAGE, [{ name: '../a', bytes }]), /record of exported files/],
  ['with a name that is hidden', outputsDocument(IMAGE, [{ name: '.bashrc', bytes }]), /record of exported files/],
  ['with text that is no statement', outputsDocument(IMAGE, [{ name: 'a', bytes: Buffer.from('{}') }]), /statement/],
  ['with another kind of statement', outputsDocument(IMAGE, [{ name: 'a', bytes: OTHER.bytes }]), /is not provenance/],
  ['with more', Buffer.from('{"tidegate":"outputs 1","outputs":[],"more":1}'), /record of exported files/],
])('a record %s is not signed', (_, document, says) => {
  expect(() => readOutputs(document, IMAGE)).toThrow(says);
});
