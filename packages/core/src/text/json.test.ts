import { expect, test } from '@jest/globals';
import { parseStrictJson } from './json.ts';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text), 'the file');
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
/** Long enough to be checked before the parser runs. */
const LONG = ' '.repeat(200_001);

test.each(['{"a":[1,{"b":null}],"c":"x"}', '[]', '"a"', '{"a":"\\\\","b":"\\"","c":"}{][,"}', '{"\\"":1,"\\\\":2}'])(
  'parses %s, short and long',
  (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
    expect(parse(LONG + text)).toEqual(JSON.parse(text));
  },
);

test.each([
  ['a name twice', '{"digest":1,"digest":2}'],
  ['a name twice, the second time escaped', '{"digest":1,"d\\u0069gest":2}'],
  ['a name twice behind strings with quotes and backslashes', '{"a":"\\\\\\"","b":"\\\\","a":1}'],
  ['a name twice, far inside', '[{"x":[{"a":{"b":1,"c":[],"b":2}}]}]'],
  ['an empty name twice', '{"":1,"":2}'],
])('refuses %s', (_, text) => {
  for (const one of [text, LONG + text]) expect(() => parse(one)).toThrow(/^the file: the name ".*" appears twice/);
});

test('the same name in two objects, or as a value, is no twin', () => {
  const text = '{"a":{"a":["a","a",{"a":"a"}]},"b":"a"}';
  expect(parse(text)).toEqual(JSON.parse(text));
});

test('64 levels and no more, however long the text is', () => {
  for (const padding of ['', LONG]) {
    expect(parse(padding + nested(64))).toBeDefined();
    expect(() => parse(padding + nested(65))).toThrow('the file: nested deeper than 64 levels.');
  }
  expect(() => parse(nested(100_000))).toThrow('the file: nested deeper than 64 levels.');
  expect(() => parse(nested(2_000_000))).toThrow('the file: nested deeper than 64 levels.');
});

test('200,000 values and no more', () => {
  const list = (values: number): string => `[${Array.from({ length: values }, () => '1').join(',')}]`;
  expect(parse(list(200_000))).toHaveLength(200_000);
  expect(() => parse(list(200_001))).toThrow('the file: more than 200000 values.');
  expect(() => parse(`[${'{},'.repeat(100_001)}`)).toThrow('the file: more than 200000 values.');
});

test.each(['', '{', '"a', '"a\\"', '{"a":1,}', '\uFEFF{}', "{'a':1}", '[1] [2]'])(
  'refuses %j, which is not JSON',
  (text) => {
    expect(() => parse(text)).toThrow('the file: this is not JSON in UTF-8.');
    expect(() => parse(text)).toThrow(expect.objectContaining({ id: 'json-invalid' }));
    expect(() => parse(LONG + text)).toThrow('the file: this is not JSON in UTF-8.');
  },
);

test('refuses what is not UTF-8', () => {
  expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]), 'the file')).toThrow('this is not JSON in UTF-8');
});
