import { describe, expect, test } from '@jest/globals';
import { hexOf } from '@tidegate/core';
import { IMAGE, json, OTHER_IMAGE, parsed } from '../sound.fixture.ts';
import { makeStatement, parseStatement, subjectMatches } from './statement.ts';

const TYPE = 'https://example.com/predicate/v1';
const sound = () => parsed(makeStatement(TYPE, [{ digest: IMAGE, name: 'app' }], { b: 1, a: 2 }).bytes);

describe('makeStatement', () => {
  test('the same evidence has the same bytes, whatever order its fields came in', () => {
    const one = makeStatement(TYPE, [{ digest: IMAGE }], { a: 1, b: 2 });
    const other = makeStatement(TYPE, [{ digest: IMAGE }], { b: 2, a: 1 });
    expect(Buffer.from(one.bytes).equals(Buffer.from(other.bytes))).toBe(true);
  });

  test('a subject without a name has no name field', () => {
    expect(makeStatement(TYPE, [{ digest: IMAGE }], {}).statement.subject).toEqual([
      { digest: { sha256: hexOf(IMAGE) } },
    ]);
  });

  test('a statement about nothing is refused', () => {
    expect(() => makeStatement(TYPE, [], {})).toThrow('at least one subject');
  });
});

describe('parseStatement', () => {
  test('reads back what makeStatement wrote', () => {
    const { statement, bytes } = makeStatement(TYPE, [{ digest: IMAGE, name: 'app' }], { a: 1 });
    expect(parseStatement(bytes)).toEqual(statement);
  });

  test('reads v0.1, as `cosign attest` writes it, as v1', () => {
    const old = { ...sound(), _type: 'https://in-toto.io/Statement/v0.1' };
    expect(parseStatement(json(old))).toEqual(parseStatement(json(sound())));
  });

  test('ignores fields and digests it does not know, as in-toto asks of a reader', () => {
    const { subject, ...rest } = sound();
    const digest = { ...subject[0].digest, sha512: 'x' };
    expect(parseStatement(json({ ...rest, subject: [{ digest, uri: 'x' }], more: 1 })).subject).toEqual([
      { digest: { sha256: hexOf(IMAGE) } },
    ]);
  });

  test.each<[string, (statement: ReturnType<typeof sound>) => unknown, string]>([
    ['another _type', (s) => ({ ...s, _type: 'https://in-toto.io/Statement/v2' }), '_type: expected'],
    ['no _type', ({ _type, ...s }) => s, '_type is missing'],
    ['an array', (s) => [s], '_type is missing'],
    ['text', () => 'statement', 'expected Object'],
    ['null', () => null, 'expected Object'],
    ['no subject', ({ subject, ...s }) => s, 'subject is missing'],
    ['an empty subject', (s) => ({ ...s, subject: [] }), 'subject: expected >=1'],
    ['a subject that is an object', (s) => ({ ...s, subject: s.subject[0] }), 'subject: expected Array'],
    ['too many subjects', (s) => ({ ...s, subject: Array(1025).fill(s.subject[0]) }), 'subject: expected <=1024'],
    ['a subject without digest', (s) => ({ ...s, subject: [{ name: 'app' }] }), 'subject.0.digest is missing'],
    [
      'a second subject without sha256',
      (s) => ({ ...s, subject: [...s.subject, { digest: { sha1: 'x' } }] }),
      '1.digest.sha256',
    ],
    [
      'an upper-case digest',
      (s) => ({ ...s, subject: [{ digest: { sha256: hexOf(IMAGE).toUpperCase() } }] }),
      '64 lower-case',
    ],
    ['a digest with its algorithm', (s) => ({ ...s, subject: [{ digest: { sha256: IMAGE } }] }), '64 lower-case'],
    ['a short digest', (s) => ({ ...s, subject: [{ digest: { sha256: 'abc' } }] }), '64 lower-case'],
    ['a digest that is a number', (s) => ({ ...s, subject: [{ digest: { sha256: 1 } }] }), 'sha256: expected string'],
    ['no predicateType', ({ predicateType, ...s }) => s, 'predicateType is missing'],
    ['an empty predicateType', (s) => ({ ...s, predicateType: '' }), 'predicateType: expected'],
    ['no predicate', ({ predicate, ...s }) => s, 'predicate is missing'],
    ['a predicate that is null', (s) => ({ ...s, predicate: null }), 'predicate: expected'],
    ['a predicate that is an array', (s) => ({ ...s, predicate: [] }), 'predicate: expected'],
    ['a second subject in another case', (s) => ({ ...s, Subject: [] }), 'only in case'],
    ['a second subject with a long s', (s) => ({ ...s, ſubject: [] }), 'only in case'],
    [
      'a sha256 with a long s',
      (s) => ({ ...s, subject: [{ digest: { ...s.subject[0].digest, ſha256: 'x' } }] }),
      'only in case',
    ],
    ['a digest set in another case', (s) => ({ ...s, subject: [{ ...s.subject[0], Digest: {} }] }), 'only in case'],
    [
      'a sha256 in another case',
      (s) => ({ ...s, subject: [{ digest: { ...s.subject[0].digest, SHA256: 'x' } }] }),
      'only in case',
    ],
  ])('refuses %s', (_, spoil, why) => {
    expect(() => parseStatement(json(spoil(sound())))).toThrow(
      expect.objectContaining({ kind: 'evidence', message: expect.stringContaining(why) }),
    );
  });

  test('a complaint shows no more than a little of what it read', () => {
    expect(() => parseStatement(json({ ...sound(), _type: 'x'.repeat(10_000) }))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,400}$/s) }),
    );
  });
});

test('subjectMatches finds the digest among several subjects, and no other', () => {
  const { statement } = makeStatement(TYPE, [{ digest: OTHER_IMAGE }, { digest: IMAGE }], {});
  expect(subjectMatches(statement, IMAGE)).toBe(true);
  expect(subjectMatches(makeStatement(TYPE, [{ digest: OTHER_IMAGE }], {}).statement, IMAGE)).toBe(false);
});
