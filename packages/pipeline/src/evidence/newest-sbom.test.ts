import { describe, expect, test } from '@jest/globals';
import type { ScannableSbom } from '@tidegate/attest';
import { digestOf } from '@tidegate/core';
import { newestSbom, type SignedSbom } from './newest-sbom.ts';

const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const signed = (
  content: string,
  { signer = 'release', created = 0, times = [] as readonly number[] } = {},
): SignedSbom => ({
  signer,
  times: times.map(at),
  sbom: {
    content: () => digestOf(content),
    createdOn: created ? at(created) : undefined,
    evidence: { document: digestOf(`${content} ${created}`) },
  } as ScannableSbom,
});
const counts = (...found: readonly SignedSbom[]) => newestSbom(found)?.content();

describe('of several SBOMs of one image', () => {
  test('those that list the same are one, whoever signed them', () => {
    expect(counts()).toBeUndefined();
    expect(counts(signed('a'))).toBe(digestOf('a'));
    expect(counts(signed('a'), signed('a', { signer: 'watch' }))).toBe(digestOf('a'));
  });

  test('the newest of one signer counts, by its confirmed time or its own', () => {
    expect(counts(signed('a', { created: 1 }), signed('b', { created: 2 }))).toBe(digestOf('b'));
    expect(counts(signed('a', { created: 3, times: [1] }), signed('b', { created: 2, times: [3, 2] }))).toBe(
      digestOf('b'),
    );
    expect(counts(signed('b', { created: 2 }), signed('a', { created: 1 }), signed('b', { created: 3 }))).toBe(
      digestOf('b'),
    );
  });

  test('an old one is not the newest because its signature was confirmed again, as anyone can do for a key', () => {
    expect(counts(signed('old', { created: 1, times: [9] }), signed('new', { created: 2, times: [2] }))).toBe(
      digestOf('new'),
    );
  });

  test('none counts if signers disagree, or if it is unknown which one is the newest', () => {
    expect(counts(signed('a', { created: 1 }), signed('b', { created: 2, signer: 'watch' }))).toBeUndefined();
    expect(counts(signed('a', { created: 1 }), signed('b', { created: 1 }))).toBeUndefined();
    expect(counts(signed('a'), signed('b', { created: 1 }))).toBeUndefined();
    expect(
      counts(signed('a', { created: 1 }), signed('b', { created: 2 }), signed('c', { signer: 'watch' })),
    ).toBeUndefined();
  });
});
