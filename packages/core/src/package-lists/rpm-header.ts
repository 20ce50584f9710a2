/** Header blobs of rpm's databases (rpm, "Package Format", Header Structure): an index of tags, and their data. */

export const Tag = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  architecture: 1022,
  fileFlags: 1037,
  source: 1044,
  folderIndexes: 1116,
  baseNames: 1117,
  folders: 1118,
  modularity: 5096,
} as const;

/** In `fileFlags`: the package owns the name, but installs no file there. */
const GHOST = 1 << 6;

/** One package of a database. */
export class RpmHeader {
  readonly #bytes: Buffer;
  /** Start of each tag's data, and its number of values. */
  readonly #index = new Map<number, readonly [at: number, count: number]>();

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @returns undefined for bytes that are not a header: a scanner then rejects the database */
  static read(bytes: Buffer): RpmHeader | undefined {
    if (bytes.length < 8) return undefined;
    const [tags, data] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4)];
    const begin = 8 + 16 * tags;
    if (tags < 1 || begin + data > bytes.length) return undefined;
    const header = new RpmHeader(bytes.subarray(0, begin + data));
    for (let at = 8; at < begin; at += 16) {
      const offset = begin + bytes.readInt32BE(at + 8);
      // A region's own trailer points elsewhere; nothing here reads it.
      if (offset < begin || offset > begin + data) continue;
      header.#index.set(bytes.readUInt32BE(at), [offset, bytes.readUInt32BE(at + 12)]);
    }
    return header;
  }

  text(tag: number): string {
    return this.texts(tag, 1)[0] ?? '';
  }

  texts(tag: number, most = Number.POSITIVE_INFINITY): readonly string[] {
    const [begin, count] = this.#index.get(tag) ?? [0, 0];
    const found: string[] = [];
    for (let at = begin; found.length < Math.min(count, most); ) {
      const end = this.#bytes.indexOf(0, at);
      if (end < 0) break;
      found.push(this.#bytes.toString('utf8', at, end));
      at = end + 1;
    }
    return found;
  }

  numbers(tag: number): readonly number[] {
    const [begin, count] = this.#index.get(tag) ?? [0, 0];
    const fits = Math.min(count, (this.#bytes.length - begin) >> 2);
    return Array.from({ length: fits }, (_, at) => this.#bytes.readUInt32BE(begin + 4 * at));
  }

  /** Absolute paths of its installed files. */
  files(): readonly string[] {
    const [folders, indexes, flags] = [
      this.texts(Tag.folders),
      this.numbers(Tag.folderIndexes),
      this.numbers(Tag.fileFlags),
    ];
    return this.texts(Tag.baseNames).flatMap((name, at) => {
      const folder = folders[indexes[at] ?? -1];
      return folder === undefined || (flags[at] ?? 0) & GHOST ? [] : [`${folder}${name}`];
    });
  }
}
