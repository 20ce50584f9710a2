import { deflateSync } from 'node:zlib';

interface Crate {
  readonly name: string;
  readonly version: string;
  /** The program itself; all others are its dependencies, from crates.io. */
  readonly isRoot: boolean;
}

const HEADER = 64;
const SECTION_HEADER = 64;
const NAMES = '\0.dep-v0\0.shstrtab\0';
/** Of sections: SHT_PROGBITS and SHT_STRTAB of the ELF specification. */
const [DATA, STRINGS] = [1, 3];

/**
 * A program as a scanner reads it, which is not run: an ELF file with the section that `cargo auditable` writes, a
 * compressed list of the crates in it (github.com/rust-secure-code/cargo-auditable, PARSING.md).
 */
export function auditableBinary(crates: readonly Crate[]): Buffer {
  const dependencies = crates.flatMap(({ isRoot }, at) => (isRoot ? [] : [at]));
  const packages = crates.map(({ name, version, isRoot }) => ({
    ...{ name, version, source: isRoot ? 'local' : 'crates.io' },
    ...(isRoot ? { dependencies, root: true } : {}),
  }));
  const list = deflateSync(JSON.stringify({ packages }));
  const contents = Buffer.concat([list, Buffer.from(NAMES, 'latin1')]);
  const section = (name: string, type: number, offset: number, size: number) => {
    const header = Buffer.alloc(SECTION_HEADER);
    header.writeUInt32LE(name === '' ? 0 : NAMES.indexOf(name), 0);
    header.writeUInt32LE(type, 4);
    header.writeBigUInt64LE(BigInt(offset), 24);
    header.writeBigUInt64LE(BigInt(size), 32);
    header.writeBigUInt64LE(1n, 48);
    return header;
  };
  return Buffer.concat([
    fileHeader(HEADER + contents.length),
    contents,
    section('', 0, 0, 0),
    section('.dep-v0', DATA, HEADER, list.length),
    section('.shstrtab', STRINGS, HEADER + list.length, NAMES.length),
  ]);
}

/** Of an x86-64 executable with three sections, the last of which has their names. */
function fileHeader(sections: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(sections), 40);
  header.writeUInt16LE(HEADER, 52);
  header.writeUInt16LE(SECTION_HEADER, 58);
  header.writeUInt16LE(3, 60);
  header.writeUInt16LE(2, 62);
  return header;
}
