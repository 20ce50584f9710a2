/** The part of SQLite's file format that rpm's database needs: the rows of one table of numbers and blobs. */

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

export function isSqlite(bytes: Buffer): boolean {
  return bytes.length >= 100 && bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * The blobs of `Packages (hnum INTEGER PRIMARY KEY, blob BLOB)`.
 * @returns undefined if there is no such table
 * @throws RangeError for a file that violates the format (sqlite.org, "Database File Format")
 */
export function sqliteBlobs(bytes: Buffer): readonly Buffer[] | undefined {
  const database = new Database(bytes);
  const tables = database.rows(1).map((record) => columnsOf(record));
  const table = tables.find(([type, name]) => text(type) === 'table' && text(name) === 'Packages');
  const root = table?.[3];
  return typeof root === 'number' ? database.rows(root).map((record) => blob(columnsOf(record)[1])) : undefined;
}

class Database {
  readonly #bytes: Buffer;
  readonly #pageSize: number;
  /** Bytes of a page that are available for content. */
  readonly #usable: number;
  /** Pages already read: a tree that reaches a page twice is invalid. */
  readonly #seen = new Set<number>();
  /** Cells may overlap, but their content together must not exceed the size of the file. */
  #left: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#left = bytes.length;
    const size = bytes.readUInt16BE(16);
    this.#pageSize = size === 1 ? 65536 : size;
    this.#usable = this.#pageSize - bytes.readUInt8(20);
    if (this.#pageSize < 512 || this.#usable < 480) throw new RangeError('no page size');
    // SQLite opens no file with fewer pages than its header states; an old header may not state the number.
    const counts = bytes.readUInt32BE(24) === bytes.readUInt32BE(92);
    if (counts && bytes.readUInt32BE(28) * this.#pageSize > bytes.length) throw new RangeError('a file cut off');
  }

  /** Records of the table whose tree begins at page `root`. */
  rows(root: number): readonly Buffer[] {
    const found: Buffer[] = [];
    const left = [root];
    for (let number = left.pop(); number !== undefined; number = left.pop()) {
      const page = this.#page(number);
      // The first page begins with the header of the file.
      const header = number === 1 ? 100 : 0;
      const kind = page.readUInt8(header);
      if (kind !== 5 && kind !== 13) throw new RangeError('no page of a table');
      const cells = page.readUInt16BE(header + 3);
      const pointers = header + (kind === 5 ? 12 : 8);
      for (let at = 0; at < cells; at += 1) {
        const cell = page.readUInt16BE(pointers + 2 * at);
        if (kind === 5) left.push(page.readUInt32BE(cell));
        else found.push(this.#payload(page, cell));
      }
      if (kind === 5) left.push(page.readUInt32BE(header + 8));
    }
    return found;
  }

  #page(number: number): Buffer {
    const from = (number - 1) * this.#pageSize;
    if (this.#seen.has(number) || number < 1 || from + this.#pageSize > this.#bytes.length) {
      throw new RangeError('no such page');
    }
    this.#seen.add(number);
    return this.#bytes.subarray(from, from + this.#pageSize);
  }

  /** A leaf cell: the payload's length, the row's number, and the payload, whose rest is on other pages. */
  #payload(page: Buffer, cell: number): Buffer {
    const [length, afterLength] = varint(page, cell);
    const [, begin] = varint(page, afterLength);
    const most = this.#usable - 35;
    const least = Math.floor(((this.#usable - 12) * 32) / 255) - 23;
    const rest = least + ((length - least) % (this.#usable - 4));
    const local = length <= most ? length : rest <= most ? rest : least;
    this.#left -= length;
    if (this.#left < 0 || begin + local > page.length) throw new RangeError('a payload beyond its page');
    const parts = [page.subarray(begin, begin + local)];
    let missing = length - local;
    let next = missing > 0 ? page.readUInt32BE(begin + local) : 0;
    while (missing > 0) {
      const overflow = this.#page(next);
      const part = overflow.subarray(4, Math.min(this.#usable, 4 + missing));
      parts.push(part);
      missing -= part.length;
      next = overflow.readUInt32BE(0);
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }
}

/** Seven bits per byte, the highest first; the ninth byte has eight. */
function varint(bytes: Buffer, at: number): readonly [value: number, end: number] {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes.readUInt8(at + index);
    value = index === 8 ? value * 256 + byte : value * 128 + (byte & 0x7f);
    if (byte < 0x80 || index === 8) return [value, at + index + 1];
  }
  throw new RangeError('no varint');
}

type Column = number | Buffer | undefined;

/** A record: lengths and types of its columns, then their values. */
function columnsOf(record: Buffer): readonly Column[] {
  const [header, first] = varint(record, 0);
  const columns: Column[] = [];
  let value = header;
  for (let at = first; at < header; ) {
    const [type, next] = varint(record, at);
    at = next;
    const length = type >= 12 ? Math.floor((type - 12) / 2) : ([0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type] ?? 0);
    if (value + length > record.length) throw new RangeError('a column beyond its record');
    if (type >= 12) columns.push(record.subarray(value, value + length));
    else if (type === 8 || type === 9) columns.push(type - 8);
    else columns.push(type >= 1 && type <= 5 ? record.readIntBE(value, length) : undefined);
    value += length;
  }
  return columns;
}

function text(column: Column): string {
  return Buffer.isBuffer(column) ? column.toString('utf8') : '';
}

function blob(column: Column): Buffer {
  if (!Buffer.isBuffer(column)) throw new RangeError('no blob');
  return column;
}
