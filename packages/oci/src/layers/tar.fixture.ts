/** For tests: archives made by hand, so that every byte of them can be wrong. */
import { type TarEntry, TarReader } from './tar.ts';

export interface Made {
  readonly name?: string | undefined;
  readonly prefix?: string;
  readonly flag?: string;
  readonly mode?: number;
  /** Size in the header; default: the content's length. */
  readonly size?: number | string | Buffer | undefined;
  readonly link?: string;
  readonly content?: Buffer | string;
  readonly magic?: string;
  /** In place of the right checksum. */
  readonly checksum?: string;
  /** Bytes put at an offset of the header, before the checksum is made. */
  readonly poke?: readonly [offset: number, bytes: Buffer | string];
  /** Leave out the zeros that fill the last block. */
  readonly unpadded?: boolean;
}

export function header(made: Made): Buffer {
  const block = Buffer.alloc(512);
  const content = Buffer.from(made.content ?? '');
  block.write(made.name ?? 'file', 0, 100);
  block.write((made.mode ?? 0o644).toString(8).padStart(7, '0'), 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  const size = made.size ?? content.length;
  if (Buffer.isBuffer(size)) size.copy(block, 124);
  else block.write(typeof size === 'string' ? size : size.toString(8).padStart(11, '0'), 124, 12);
  block.write('00000000000\0', 136);
  block.write(made.flag ?? '0', 156);
  block.write(made.link ?? '', 157, 100);
  block.write(made.magic ?? 'ustar\x0000', 257, 'latin1');
  block.write(made.prefix ?? '', 345, 155);
  if (made.poke) Buffer.from(made.poke[1]).copy(block, made.poke[0]);
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(made.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return block;
}

export function entry(made: Made): Buffer {
  const content = Buffer.from(made.content ?? '');
  const fill = made.unpadded ? 0 : (512 - (content.length % 512)) % 512;
  return Buffer.concat([header(made), content, Buffer.alloc(fill)]);
}

export function pax(records: Readonly<Record<string, string>>, flag = 'x'): Buffer {
  return entry({ name: 'pax', flag, content: Object.entries(records).map(paxRecord).join('') });
}

function paxRecord([key, value]: readonly [string, string]): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

export const END = Buffer.alloc(1024);

export function archive(...parts: readonly (Buffer | Made)[]): Buffer {
  return Buffer.concat([...parts.map((part) => (Buffer.isBuffer(part) ? part : entry(part))), END]);
}

export interface Read extends TarEntry {
  readonly content: string;
}

/** All entries, the archive handed over in pieces of `step` bytes. */
export function read(bytes: Buffer, step = bytes.length): Read[] {
  const found: Read[] = [];
  const reader = new TarReader('a layer', (one) => {
    const pieces: Buffer[] = [];
    return (piece, last) => {
      pieces.push(Buffer.from(piece));
      if (last) found.push({ ...one, content: Buffer.concat(pieces).toString('latin1') });
    };
  });
  for (let at = 0; at < bytes.length; at += Math.max(1, step)) reader.write(bytes.subarray(at, at + Math.max(1, step)));
  reader.end();
  return found;
}
