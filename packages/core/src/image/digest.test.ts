import { describe, expect, test } from '@jest/globals';
import { digestOf, hexOf, isDigest, parseDigest } from './digest.ts';

const EMPTY = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('a digest', () => {
  test('is that of the bytes, and of text as UTF-8', () => {
    expect(digestOf('')).toBe(EMPTY);
    expect(digestOf(new Uint8Array())).toBe(EMPTY);
    expect(digestOf('é')).toBe(digestOf(new Uint8Array([0xc3, 0xa9])));
    expect(hexOf(digestOf(''))).toBe(EMPTY.slice(7));
    expect(parseDigest(EMPTY)).toBe(EMPTY);
  });

  test.each([
    '',
    'sha256:',
    EMPTY.toUpperCase(),
    EMPTY.slice(0, -1),
    `${EMPTY}0`,
    `${EMPTY}\n`,
    ` ${EMPTY}`,
    EMPTY.slice(7),
    `sha512:${'a'.repeat(128)}`,
    'sha256:../../../etc/passwd',
    undefined,
    null,
    7,
    [EMPTY],
    { toString: () => EMPTY },
    10n,
  ])('%p is none', (value) => {
    expect(isDigest(value)).toBe(false);
    expect(() => parseDigest(value, 'here')).toThrow(expect.objectContaining({ id: 'digest-invalid' }));
    expect(() => parseDigest(value, 'here')).toThrow(/^here: /);
  });
});
