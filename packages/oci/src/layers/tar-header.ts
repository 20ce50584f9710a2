import { BLOCK } from './tar-block.ts';
import { broken } from './tar-error.ts';
import { nameText } from './tar-text.ts';

/** Header format by magic and version. It determines the fields. */
type TarFormat = 'v7' | 'ustar' | 'gnu' | 'star';

/** Content of a 512-byte header, before extended headers override it. */
export interface RawHeader {
  readonly format: TarFormat;
  /** The type flag as a character. NUL (a file in the oldest archives) stays NUL. */
  readonly flag: string;
  readonly name: string;
  readonly link: string;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Modification time, in seconds since 1970. */
  readonly time: number;
  /** Bytes of content that follow. May be negative. */
  readonly size: number;
}

/**
 * Accepts and rejects the same headers as Go's archive/tar, so unused fields are parsed too.
 * @param block 512 bytes
 * @param where prefix for error messages
 * @throws TidegateError `integrity` for a wrong checksum or an invalid number.
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
    uid: number(108, 116),
    gid: number(116, 124),
    time: number(136, 148),
  };
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
  // GNU stores two times there. Go before 1.8 wrote a prefix anyway, so Go reads a prefix if there are no times.
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
  throw broken(where, 'a number in a header is invalid or too large');
}

/** Base 256 where the first bit is set (GNU and star), else octal. Undefined if Go rejects it. */
export function numberIn(block: Buffer, from: number, to: number): number | undefined {
  return (block[from] ?? 0) & 0x80 ? binaryIn(block, from, to) : octalIn(block, from, to);
}

/** Two's complement without the first bit. Above 2^53 the value is approximate. */
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

/** Blanks and NULs around the digits are ignored; everything after a NUL behind the digits is not read. */
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

/** The lowest twelve bits: for base 256 read from the bytes, because a number above 2^53 has lost them. */
function modeIn(block: Buffer, mode: number): number {
  return ((block[100] ?? 0) & 0x80 ? block.readUInt16BE(106) : mode) & 0o7777;
}

/** The sum of all bytes, with the checksum field read as spaces. Some old writers summed signed bytes. */
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
  if (said !== unsigned && said !== signed) throw broken(where, 'the checksum of a header is wrong');
}
