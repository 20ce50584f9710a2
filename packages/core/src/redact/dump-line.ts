/** The offset at the start of a line of `xxd`, `hexdump -C`, `od -x`, `curl --trace` or `openssl`. */
export const OFFSET = /(?<![^\s>])[\da-f]{4,16}(?::| -)?[ \t]{1,3}(?=(?:[\da-f]{2}){1,8}(?:[ \t\r\n-]|$))/gi;

/** The same for a line that follows one: it may have too few bytes to look like a list. */
export const NEXT_OFFSET =
  /\r?\n(?:#\d{1,6} \d{1,9}(?:\.\d{1,9})? )?[ \t]{0,8}[\da-f]{4,16}(?::| -)?[ \t]{1,3}(?=(?:[\da-f]{2}){1,8}(?:[ \t\r\n-]|$))/iy;

interface DumpLine {
  readonly bytes: readonly number[];
  /** Position of each byte. */
  readonly starts: readonly number[];
  /** End of the line, including the text after its bytes. */
  readonly end: number;
  readonly isWords: boolean;
}

const GROUP = /([\da-f]{2,16})(?:[ -]|(?![\da-z]))/iy;
/** Maximum bytes of a line that is written in pairs of digits, and of any line. */
const IN_PAIRS = 16;
const IN_LINE = 64;

/** @param from position of the first byte */
export function dumpLine(text: string, from: number): DumpLine {
  const bytes: number[] = [];
  const starts: number[] = [];
  let width = 0;
  GROUP.lastIndex = from;
  for (let group = GROUP.exec(text); group; group = GROUP.exec(text)) {
    const { 1: digits = '', index } = group;
    if (digits.length % 2 === 1 || (width > 0 && digits.length > width)) break;
    width ||= digits.length;
    for (const byte of Buffer.from(digits, 'hex')) {
      bytes.push(byte);
      starts.push(index);
    }
    if (bytes.length >= (width === 2 ? IN_PAIRS : IN_LINE)) break;
    // A gap in the middle of a line, as `hexdump -C` has it.
    if (width === 2 && bytes.length === IN_PAIRS / 2 && text[GROUP.lastIndex] === ' ') GROUP.lastIndex += 1;
  }
  return { bytes, starts, end: endOfLine(text, starts.at(-1) ?? from), isWords: width === 4 };
}

/** Maximum characters of a line after its last byte: the same bytes as text. */
const LONGEST_TEXT = 200;

function endOfLine(text: string, from: number): number {
  const last = Math.min(text.length, from + LONGEST_TEXT);
  let at = from;
  while (at < last && text[at] !== '\n') at += 1;
  return at;
}
