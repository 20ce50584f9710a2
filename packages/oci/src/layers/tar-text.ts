import { isUtf8 } from 'node:buffer';

/**
 * Convert a name to text so that different names always give different text: a byte that is not part of valid UTF-8
 * becomes a lone surrogate, U+DC80 to U+DCFF (like Python's `surrogateescape`), which valid UTF-8 cannot encode. With
 * replacement characters, a whiteout of one name would hide another. Use `toWellFormed()` before showing it.
 */
export function nameText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = lengthOfCharacter(bytes[at] ?? 0);
    if (isUtf8(bytes.subarray(at, at + length))) {
      at += length;
      continue;
    }
    parts.push(bytes.toString('utf8', from, at), String.fromCharCode(0xdc00 + (bytes[at] ?? 0)));
    at += 1;
    from = at;
  }
  return parts.join('') + bytes.toString('utf8', from);
}

/** Length of a UTF-8 character by its first byte (RFC 3629). */
function lengthOfCharacter(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

const MOST = 2n ** 63n;

/**
 * As Go's `strconv.ParseInt(text, 10, 64)`: undefined where Go returns an error. Above 2^53 the value is approximate.
 */
export function parseInt64(text: string): number | undefined {
  const [, sign = '', digits = ''] = /^([+-]?)0*([0-9]{1,19})$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  return value >= -MOST && value < MOST ? Number(value) : undefined;
}
