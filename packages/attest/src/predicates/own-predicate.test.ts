import { describe, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { parseStatement } from '../statement/statement.ts';
import { ownStatement, readOwnPredicate } from './own-predicate.ts';

const TYPE = 'https://example.com/review/v1';
const IMAGE = digestOf('image');
const read = (text: string) => readOwnPredicate(Buffer.from(text), 'review.json');

test('the same file gives the same statement, whatever its layout', () => {
  const [one, other] = ['{"b": [1.5, true], "a": {"é": null}}', '{ "a":{"\\u00e9":null},\n"b":[1.50,true] }'];
  const [made, again] = [one, other].map((text) => ownStatement(IMAGE, { type: TYPE, predicate: read(text) }).bytes);
  expect(made).toEqual(again);
  expect(parseStatement(made ?? new Uint8Array())).toMatchObject({
    predicateType: TYPE,
    subject: [{ digest: { sha256: IMAGE.slice('sha256:'.length) } }],
    predicate: { a: { é: null }, b: [1.5, true] },
  });
});

describe('a file is refused that', () => {
  test.each([
    ['is empty', '', /not JSON/],
    ['is not JSON', '{"a": 1,}', /not JSON/],
    ['is a list', '[]', /not a JSON object/],
    ['is null', 'null', /not a JSON object/],
    ['has a name twice', '{"a": 1, "\\u0061": 2}', /appears twice/],
    ['has a byte order mark', '\ufeff{}', /not JSON/],
    ['is nested without end', `${'{"a":'.repeat(80)}1${'}'.repeat(80)}`, /nested deeper/],
    ['has an integer that readers round', '{"a": [9007199254740993]}', /number 9007199254740992, which is not exact/],
    ['has an infinite number', '{"a": 1e999}', /number Infinity/],
  ])('%s', (_, text, says) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ id: 'predicate-invalid', message: expect.stringMatching(says) }),
    );
  });

  test('is too large, before or after it was made a statement', () => {
    expect(() => read(`{"a":"${'x'.repeat(8 * 1024 * 1024)}"}`)).toThrow(/maximum is 8388608/);
    const predicate = { a: Array.from({ length: 200 }, () => 'x'.repeat(100_000)) };
    expect(() => ownStatement(IMAGE, { type: TYPE, predicate })).toThrow(/maximum is 16777216/);
  });
});
