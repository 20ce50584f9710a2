import { expect, test } from '@jest/globals';
import { digestOf, MediaType, PredicateType } from '@tidegate/core';
import { IMAGE, parsed } from '../sound.fixture.ts';
import { REFERENCE, readReferences, referenceStatement } from './reference.ts';
import { subjectMatches } from './statement.ts';

const LONG = { predicateType: PredicateType.spdx, digest: digestOf('a long SBOM'), mediaType: MediaType.inToto };

test('the signed statement names the long one by digest, and has the same image as subject', () => {
  const { bytes, statement } = referenceStatement([{ digest: IMAGE }], LONG);
  expect(subjectMatches(statement, IMAGE)).toBe(true);
  expect(statement.predicateType).toBe(REFERENCE);
  expect(bytes.byteLength).toBeLessThan(1000);
  expect(readReferences(parsed(bytes).predicate)).toEqual([LONG]);
});

test.each([{}, { references: {} }, { references: [{ name: 'x', mediaType: 'y', digest: { sha256: 'F00' } }] }])(
  'a reference without a digest to hold to is refused: %j',
  (predicate) => {
    expect(() => readReferences(predicate)).toThrow(expect.objectContaining({ kind: 'evidence' }));
  },
);
