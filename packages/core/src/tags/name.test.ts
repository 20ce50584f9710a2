import { describe, expect, test } from '@jest/globals';
import { isTag } from '../reference/reference.ts';
import { tagOfName } from './name.ts';

const HASH = '-[0-9a-f]{12}';

test.each([
  ['main', /^main$/],
  ['Release_1.2', /^Release_1\.2$/],
  ['feat-x', /^feat-x$/],
  ['x'.repeat(128), /^x{128}$/],
  ['feat/x', new RegExp(`^feat-x${HASH}$`)],
  ['feature/新機能', new RegExp(`^feature${HASH}$`)],
  ['新機能', new RegExp(`^ref${HASH}$`)],
  ['🚀', new RegExp(`^ref${HASH}$`)],
  ['-dash', new RegExp(`^dash${HASH}$`)],
  ['$(id)', new RegExp(`^id${HASH}$`)],
  ['a&&b', new RegExp(`^a-b${HASH}$`)],
  ['x'.repeat(129), new RegExp(`^x{115}${HASH}$`)],
  [`${'x'.repeat(114)}/${'y'.repeat(100)}`, new RegExp(`^x{114}${HASH}$`)],
  [`feat-x-${'0'.repeat(12)}`, new RegExp(`^feat-x-0{12}${HASH}$`)],
])('%s gives a tag', (name, tag) => {
  expect(tagOfName(name)).toMatch(tag);
  expect(isTag(tagOfName(name))).toBe(true);
  expect(tagOfName(name)).toBe(tagOfName(name));
});

describe('two names never share a tag', () => {
  test.each([
    ['feature/新機能', 'feature/修正'],
    ['新機能', '修正'],
    ['feat/x', 'feat-x'],
    ['feat/x', 'feat//x'],
    ['feat/x', 'feat+x'],
    ['feat/x', 'feat/x-'],
    ['Feat', 'feat'],
    ['feat/X', 'feat/x'],
    ['é', 'e\u0301'],
    ['x', '-x'],
    ['a'.repeat(200), `${'a'.repeat(199)}b`],
    ['a/b/c', 'a/b-c'],
  ])('%s and %s', (one, other) => expect(tagOfName(one)).not.toBe(tagOfName(other)));

  test('not even one that was named after the tag of another', () => {
    for (const name of ['feat/x', '新機能', 'y'.repeat(200)]) {
      const tag = tagOfName(name);
      expect(tagOfName(tag)).not.toBe(tag);
      expect(tagOfName(tagOfName(tag))).not.toBe(tagOfName(tag));
    }
  });

  test('of many that differ in separators, case and script', () => {
    const parts = ['a', 'A', 'ä', '新', 'b'];
    const names = parts.flatMap((one) =>
      ['/', '-', '_', '.', '+', '//', ''].flatMap((by) => parts.map((two) => `${one}${by}${two}`)),
    );
    const distinct = new Set(names);
    expect(new Set([...distinct].map(tagOfName)).size).toBe(distinct.size);
  });
});
