import { describe, expect, test } from '@jest/globals';
import { parseEvidence } from './strict-json.ts';

const read = (text: string | Uint8Array, limit = 10_000) => parseEvidence(Buffer.from(text), 'The document', limit);

describe('parseEvidence', () => {
  test.each([
    '{}',
    '[]',
    '"a:b"',
    'null',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"a:b\\"c:d\\\\":1}',
    ' {"a" : "x\\\\\\":"}\n',
    '{"__proto__":{"a":1},"constructor":1}',
  ])('reads %s as JSON.parse does', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ['nothing', '', 'is empty'],
    ['not JSON', 'Usage: grype [flags]', 'not JSON in UTF-8'],
    ['half a document', '{"a":', 'not JSON in UTF-8'],
    ['a string that never ends', '{"a":"b', 'not JSON in UTF-8'],
    ['two documents', '{}{}', 'not JSON in UTF-8'],
    ['a byte order mark', '\ufeff{}', 'not JSON in UTF-8'],
    ['a comment', '{/* */}', 'not JSON in UTF-8'],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'not JSON in UTF-8'],
    ['UTF-16', Buffer.from('{}', 'utf16le'), 'not JSON in UTF-8'],
    ['the same key twice', '{"a":1,"a":2}', 'appears twice in one object'],
    ['the same key twice, once escaped', '{"subject":1,"\\u0073ubject":2}', 'appears twice in one object'],
    ['the same key twice, deep inside', '[{"a":[{"b":{"c":1,"c":1}}]}]', 'appears twice in one object'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'appears twice in one object'],
    ['more than the limit', `"${'a'.repeat(10_000)}"`, 'the limit of 10000'],
    ['201 arrays in each other', `${'['.repeat(201)}${']'.repeat(201)}`, 'deeper than 200 levels'],
    ['100000 objects in each other, unclosed', '{"a":'.repeat(100_000), 'the limit of 10000'],
  ])('refuses %s', (_, text, why) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ kind: 'evidence', message: expect.stringContaining(why) }),
    );
  });
});
