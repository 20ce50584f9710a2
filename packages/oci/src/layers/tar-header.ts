import { TidegateError } from '@tidegate/core';

/** POSIX.1-2017, pax, "ustar Interchange Format": everything is a multiple of this. Bytes. */
export const BLOCK = 512;

/** What a 512-byte header says, before extended headers change it. */
export interface RawHeader {
  /** The type flag as a character; NUL, as the oldest archives write a file, is `0`. */
  readonly flag: string;
  readonly name: string;
  readonly link: string;
  readonly mode: number;
  /** Bytes of content that follow. */
  readonly size: number;
  /** GNU's old sparse form: further blocks of a map stand between header and content. */
  readonly moreSparse: boolean;
}

/** Extended attributes of one entry, or of all that follow (POSIX pax `x` and `g`). Undefined where not given. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
}

/**
 * @param block 512 bytes
 * @param where begins the message of an error
 * @throws TidegateError `integrity` for a checksum that is wrong or a number that is none.
 */
export function readHeader(block: Buffer, where: string): RawHeader {
  checkSum(block, where);
  const flag = block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0);
  const magic = block.toString('latin1', 257, 263);
  // GNU writes `ustar ` and keeps other things where ustar has the name's prefix.
  const prefix = magic === 'ustar\0' ? text(block, 345, 500) : '';
  const name = text(block, 0, 100);
  return {
    flag,
    name: prefix === '' ? name : `${prefix}/${name}`,
    link: text(block, 157, 257),
    mode: number(block, 100, 108, where) & 0o7777,
    size: number(block, 124, 136, where),
    moreSparse: flag === 'S' && block[482] !== 0,
  };
}

/** Bytes up to the first NUL. What is no UTF-8 gets replacement characters: it is shown, and never opened. */
function text(block: Buffer, from: number, to: number): string {
  const nul = block.indexOf(0, from);
  return block.toString('utf8', from, nul === -1 || nul > to ? to : nul);
}

/** Octal digits, or base 256 where the first bit is set (GNU and star, for sizes of 8 GiB and more). */
function number(block: Buffer, from: number, to: number, where: string): number {
  const first = block[from] ?? 0;
  if (first & 0x80) {
    if (first & 0x40) throw broken(where, 'a negative number in a header');
    let value = first & 0x3f;
    for (let at = from + 1; at < to; at += 1) value = value * 256 + (block[at] ?? 0);
    if (!Number.isSafeInteger(value)) throw broken(where, 'a number in a header is beyond all sizes');
    return value;
  }
  const digits = block
    .toString('latin1', from, to)
    .replace(/[ \0]+$/, '')
    .replace(/^[ \0]+/, '');
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw broken(where, 'a number in a header is not octal');
  return Number.parseInt(digits, 8);
}

/** The sum of all bytes, its own field read as spaces. Some old writers summed signed bytes. */
function checkSum(block: Buffer, where: string): void {
  const said = number(block, 148, 156, where);
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

/**
 * Records `LENGTH KEY=VALUE\n`, LENGTH in decimal and over the whole record.
 * @throws TidegateError `integrity` for any other form, and for a NUL in a name: a reader in C would stop there.
 */
export function readPax(bytes: Buffer, where: string): PaxRecords {
  const records: { path?: string; linkpath?: string; size?: number } = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 || space - at > 10 ? '' : bytes.toString('latin1', at, space);
    const end = at + Number(digits);
    if (!/^[1-9][0-9]*$/.test(digits) || end > bytes.length || bytes[end - 1] !== 0x0a || end - 1 <= space) {
      throw broken(where, 'an extended header that is cut or has another form');
    }
    const equals = bytes.indexOf(0x3d, space);
    if (equals < 0 || equals >= end) throw broken(where, 'an extended header without a value');
    const key = bytes.toString('utf8', space + 1, equals);
    const value = bytes.toString('utf8', equals + 1, end - 1);
    if (key === 'path' || key === 'linkpath') {
      if (value.includes('\0')) throw broken(where, 'a NUL in a name');
      records[key] = value;
    } else if (key === 'GNU.sparse.name') {
      // pax sparse form 1.0: the entry itself is called GNUSparseFile.PID/NAME.
      records.path = value;
    } else if (key === 'size') {
      if (!/^[0-9]{1,15}$/.test(value)) throw broken(where, 'an extended header whose size is no number');
      records.size = Number(value);
    }
    at = end;
  }
  return records;
}

export function broken(where: string, why: string): TidegateError {
  return new TidegateError('integrity', `${where}: ${why}: this is no archive that a runtime would unpack.`, {
    next: 'Build the image again; if it stays so, whatever wrote the layer is broken or hostile.',
  });
}
