import { broken } from './tar-error.ts';
import { nameText } from './tar-text.ts';

/** POSIX.1-2017, pax, "ustar Interchange Format": everything is a multiple of this. Bytes. */
export const BLOCK = 512;

/** Of the header's magic and version: which fields it has. */
type TarFormat = 'v7' | 'ustar' | 'gnu' | 'star';

/** What a 512-byte header says, before extended headers change it. */
export interface RawHeader {
  readonly format: TarFormat;
  /** The type flag as a character; NUL, as the oldest archives write a file, stays NUL. */
  readonly flag: string;
  readonly name: string;
  readonly link: string;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  /** Bytes of content that follow. Below zero where the field says so. */
  readonly size: number;
}

/**
 * Reads what Go's archive/tar reads, and refuses what it refuses: fields that we have no use for are parsed too.
 * @param block 512 bytes
 * @param where begins the message of an error
 * @throws TidegateError `integrity` for a checksum that is wrong or a number that is none.
 */
export function readHeader(block: Buffer, where: string): RawHeader {
  checkSum(block, where);
  const number = (from: number, to: number) => numberIn(block, from, to) ?? notANumber(where);
  const format = formatOf(block);
  const header = {
    format,
    flag: String.fromCharCode(block[156] ?? 0),
    link: textIn(block, 157, 257),
    size: number(124, 136),
    mode: modeIn(block, number(100, 108)),
  };
  number(108, 116); // uid
  number(116, 124); // gid
  number(136, 148); // mtime
  if (format !== 'v7') {
    number(329, 337); // devmajor
    number(337, 345); // devminor
  }
  if (format === 'star') {
    number(476, 488); // atime
    number(488, 500); // ctime
  }
  const name = textIn(block, 0, 100);
  const prefix = prefixOf(block, format);
  return { ...header, name: prefix === '' ? name : `${prefix}/${name}` };
}

function formatOf(block: Buffer): TarFormat {
  const magic = block.toString('latin1', 257, 265);
  if (magic === 'ustar  \0') return 'gnu';
  if (!magic.startsWith('ustar\0')) return 'v7';
  return block.toString('latin1', 508, 512) === 'tar\0' ? 'star' : 'ustar';
}

function prefixOf(block: Buffer, format: TarFormat): string {
  if (format === 'ustar') return textIn(block, 345, 500);
  if (format === 'star') return textIn(block, 345, 476);
  if (format === 'v7') return '';
  // GNU keeps two times there. Go before 1.8 wrote a prefix all the same, so Go reads one where there are no times.
  const times = [345, 357].map((from) => block[from] === 0 || numberIn(block, from, from + 12) !== undefined);
  const prefix = textIn(block, 345, 500);
  return times.every(Boolean) || !isAscii(prefix) ? '' : prefix;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >= 0x80) return false;
  return true;
}

/** Bytes up to the first NUL. */
function textIn(block: Buffer, from: number, to: number): string {
  const nul = block.indexOf(0, from);
  return nameText(block.subarray(from, nul === -1 || nul > to ? to : nul));
}

function notANumber(where: string): never {
  throw broken(where, 'a number in a header is no number or beyond all sizes');
}

/** Base 256 where the first bit is set (GNU and star), else octal. Undefined where Go refuses it. */
export function numberIn(block: Buffer, from: number, to: number): number | undefined {
  return (block[from] ?? 0) & 0x80 ? binaryIn(block, from, to) : octalIn(block, from, to);
}

/** Two's complement, the first bit of all left out. Beyond 2^53 the value is approximate. */
function binaryIn(block: Buffer, from: number, to: number): number | undefined {
  const isNegative = ((block[from] ?? 0) & 0x40) !== 0;
  let value = 0n;
  for (let at = from; at < to; at += 1) {
    const byte = isNegative ? ~(block[at] ?? 0) & 0xff : (block[at] ?? 0);
    value = value * 256n + BigInt(at === from ? byte & 0x7f : byte);
  }
  if (value >= 2n ** 63n) return undefined;
  return Number(isNegative ? -value - 1n : value);
}

/** Blanks and NULs around the digits are none; behind the digits, anything that follows a NUL is not read. */
function octalIn(block: Buffer, from: number, to: number): number | undefined {
  const isBlank = (at: number) => block[at] === 0x20 || block[at] === 0;
  let [start, end] = [from, to];
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  let value = 0;
  for (let at = start; at < end && block[at] !== 0; at += 1) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}

/** The lowest twelve bits: in base 256 from the bytes, because a number beyond 2^53 has lost them. */
function modeIn(block: Buffer, mode: number): number {
  return ((block[100] ?? 0) & 0x80 ? block.readUInt16BE(106) : mode) & 0o7777;
}

/** The sum of all bytes, its own field read as spaces. Some old writers summed signed bytes. */
function checkSum(block: Buffer, where: string): void {
  const said = octalIn(block, 148, 156);
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let at = 0; at < BLOCK; at += 1) {
    if (at >= 148 && at < 156) continue;
    const byte = block[at] ?? 0;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  if (said !== unsigned && said !== signed) throw broken(where, 'a header whose checksum is wrong');
}
