/** For tests: rpm's databases, in each of the three forms. The SQLite one is written by SQLite itself. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Rpm {
  readonly name: string;
  readonly version: string;
  readonly source?: string;
  readonly files?: readonly string[];
  /** Makes the header larger than a page of a database. */
  readonly filling?: number;
}

const [INT32, STRING, BIN, STRINGS] = [4, 6, 7, 8];

/** A header blob: an index of tags, and their data. */
function headerOf({ name, version, source = `${name}.src.rpm`, files = [], filling = 0 }: Rpm): Buffer {
  const folders = [...new Set(files.map((file) => file.slice(0, file.lastIndexOf('/') + 1)))];
  const text = (...texts: readonly string[]) => Buffer.from(texts.map((each) => `${each}\0`).join(''));
  const numbers = (values: readonly number[]) => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
    return bytes;
  };
  const indexes = files.map((file) => folders.indexOf(file.slice(0, file.lastIndexOf('/') + 1)));
  const tags: (readonly [tag: number, type: number, count: number, data: Buffer])[] = [
    [1000, STRING, 1, text(name)],
    [1001, STRING, 1, text(version)],
    [1002, STRING, 1, text('1')],
    [1022, STRING, 1, text('x86_64')],
    [1044, STRING, 1, text(source)],
    [1116, INT32, files.length, numbers(indexes)],
    [1117, STRINGS, files.length, text(...files.map((file) => file.slice(file.lastIndexOf('/') + 1)))],
    [1118, STRINGS, folders.length, text(...folders)],
    [5000, BIN, filling, Buffer.alloc(filling, 7)],
  ];
  const index: Buffer[] = [];
  const data: Buffer[] = [];
  let length = 0;
  for (const [tag, type, count, bytes] of tags) {
    // rpm writes no tag without a value.
    if (count === 0) continue;
    const padding = type === INT32 ? (4 - (length % 4)) % 4 : 0;
    data.push(Buffer.alloc(padding), bytes);
    index.push(indexEntry(tag, type, length + padding, count));
    length += padding + bytes.length;
  }
  // Everything is one region, whose trailer points back to the index.
  const count = index.length + 1;
  index.unshift(indexEntry(63, BIN, length, 16));
  data.push(indexEntry(63, BIN, -16 * count, 16));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(count, 0);
  head.writeUInt32BE(length + 16, 4);
  return Buffer.concat([head, ...index, ...data]);
}

function indexEntry(...values: readonly number[]): Buffer {
  const entry = Buffer.alloc(16);
  for (const [at, value] of values.entries()) entry.writeInt32BE(value, 4 * at);
  return entry;
}

/** `rpmdb.sqlite` as rpm writes it: with fields of other tables beside the packages. */
export function sqliteOf(packages: readonly Rpm[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-rpm-'));
  try {
    const database = new DatabaseSync(join(folder, 'db'));
    database.exec('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)');
    database.exec("CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)");
    const insert = database.prepare('INSERT INTO Packages (blob) VALUES (?)');
    for (const one of packages) insert.run(headerOf(one));
    database.close();
    return readFileSync(join(folder, 'db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `Packages.db`. */
export function ndbOf(packages: readonly Rpm[]): Buffer {
  const slots = Buffer.alloc(4096);
  slots.write('RpmP', 0, 'latin1');
  slots.writeUInt32LE(1, 12);
  for (let at = 32; at < 4096; at += 16) slots.write('Slot', at, 'latin1');
  const blobs: Buffer[] = [slots];
  let unit = 4096 / 16;
  packages.forEach((one, at) => {
    const blob = headerOf(one);
    const whole = Buffer.alloc(16 * Math.ceil((16 + blob.length + 12) / 16));
    whole.write('BlbS', 0, 'latin1');
    whole.writeUInt32LE(at + 1, 4);
    whole.writeUInt32LE(blob.length, 12);
    blob.copy(whole, 16);
    slots.writeUInt32LE(at + 1, 32 + 16 * at + 4);
    slots.writeUInt32LE(unit, 32 + 16 * at + 8);
    slots.writeUInt32LE(whole.length / 16, 32 + 16 * at + 12);
    unit += whole.length / 16;
    blobs.push(whole);
  });
  return Buffer.concat(blobs);
}

/** `Packages`, in the byte order of either kind of machine. */
export function bdbOf(packages: readonly Rpm[], little = true): Buffer {
  const size = 4096;
  const page = (kind: number, next = 0, used = 0) => {
    const bytes = Buffer.alloc(size);
    bytes[25] = kind;
    put32(bytes, next, 16);
    put16(bytes, used, 22);
    return bytes;
  };
  const put32 = (bytes: Buffer, value: number, at: number) =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  const put16 = (bytes: Buffer, value: number, at: number) =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const pages = [page(8), page(13)];
  const hash = pages[1] as Buffer;
  // The counter, as a small value, which readers skip.
  put16(hash, 2 * packages.length + 2, 20);
  put16(hash, size - 5, 26);
  put16(hash, size - 10, 28);
  hash[size - 5] = 1;
  hash[size - 10] = 1;
  packages.forEach((one, at) => {
    const blob = headerOf(one);
    const [key, value] = [size - 40 - 20 * at, size - 35 - 20 * at];
    put16(hash, key, 26 + 4 * (at + 1));
    put16(hash, value, 28 + 4 * (at + 1));
    hash[key] = 1;
    hash[value] = 3;
    put32(hash, pages.length, value + 4);
    put32(hash, blob.length, value + 8);
    for (let from = 0; from < blob.length; from += size - 26) {
      const part = blob.subarray(from, from + size - 26);
      const last = from + size - 26 >= blob.length;
      const overflow = page(7, last ? 0 : pages.length + 1, part.length);
      part.copy(overflow, 26);
      pages.push(overflow);
    }
  });
  const meta = pages[0] as Buffer;
  put32(meta, 0x61561, 12);
  put32(meta, size, 20);
  put32(meta, pages.length - 1, 32);
  return Buffer.concat(pages);
}
