import { describe, expect, test } from '@jest/globals';
import { canonicalJson } from './canonical-json.ts';

const written = (value: unknown) => Buffer.from(canonicalJson(value)).toString();

describe('canonicalJson', () => {
  test.each([
    ['keys are sorted at every depth', { b: 1, a: [{ d: 2, c: 3 }] }, '{"a":[{"c":3,"d":2}],"b":1}'],
    ['integer-like keys are sorted as text', { 10: 1, 9: 2, a: 3 }, '{"10":1,"9":2,"a":3}'],
    [
      'one such key deep inside too',
      { b: [{ 10: 1, 9: { d: 1, c: 2 } }], a: 3 },
      '{"a":3,"b":[{"10":1,"9":{"c":2,"d":1}}]}',
    ],
    ['keys are sorted by UTF-16 code units', { '\u{1f600}': 1, '\ufb33': 2 }, '{"\u{1f600}":1,"\ufb33":2}'],
    ['undefined members vanish', { a: undefined, b: null }, '{"b":null}'],
    ['a date is its RFC 3339 text', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    [
      'a map is an object',
      {
        b: new Map<string, unknown>([['d', 1]]),
        a: new Map<string, unknown>([
          ['9', 1],
          ['10', new Map()],
        ]),
      },
      '{"a":{"10":{},"9":1},"b":{"d":1}}',
    ],
    ['numbers are as ECMAScript writes them', [1.0, 1e21, -0, 0.1], '[1,1e+21,0,0.1]'],
    ['text is escaped no more than it must be', 'é\u2028\n"</', '"é\u2028\\n\\"</"'],
  ])('%s', (_, value, text) => {
    expect(written(value)).toBe(text);
  });

  test('__proto__ is a key like any other', () => {
    expect(written(JSON.parse('{"__proto__":{"a":1},"a":2}'))).toBe('{"__proto__":{"a":1},"a":2}');
  });

  test('values that JSON cannot represent are rejected', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(RangeError);
    expect(() => canonicalJson({ 9: Number.NaN })).toThrow(RangeError);
    expect(() => canonicalJson({ a: new Date(Number.NaN) })).toThrow(RangeError);
  });
});
