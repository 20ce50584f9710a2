/** rpm's databases that are not SQLite: NDB (SUSE) and Berkeley DB's hash (before rpm 4.16: RHEL 8, Amazon Linux 2). */

const NDB = Buffer.from('RpmP', 'latin1');
const NDB_SLOT = Buffer.from('Slot', 'latin1').readUInt32LE(0);
const NDB_BLOB = Buffer.from('BlbS', 'latin1').readUInt32LE(0);
const NDB_UNIT = 16;
const NDB_PAGE = 4096;

export function isNdb(bytes: Buffer): boolean {
  return bytes.length >= 32 && bytes.subarray(0, 4).equals(NDB);
}

/**
 * `Packages.db`: a header of 32 bytes and pages of slots, each of which gives the location of a package's blob.
 * @returns undefined for a file that is not in the format of rpm's lib/backend/ndb/rpmpkg.c
 */
export function ndbBlobs(bytes: Buffer): readonly Buffer[] | undefined {
  const pages = bytes.readUInt32LE(12);
  const end = pages * NDB_PAGE;
  if (bytes.readUInt32LE(4) !== 0 || pages === 0 || pages > 2048 || end > bytes.length) return undefined;
  const blobs: Buffer[] = [];
  // Slots that share a blob are invalid, and would cost as much as many blobs.
  let left = bytes.length;
  for (let slot = 2 * NDB_UNIT; slot < end; slot += NDB_UNIT) {
    if (bytes.readUInt32LE(slot) !== NDB_SLOT) return undefined;
    const index = bytes.readUInt32LE(slot + 4);
    if (index === 0) continue;
    const at = bytes.readUInt32LE(slot + 8) * NDB_UNIT;
    if (at + NDB_UNIT > bytes.length) return undefined;
    const from = at + NDB_UNIT;
    const to = from + bytes.readUInt32LE(at + 12);
    const isBlob = bytes.readUInt32LE(at) === NDB_BLOB && bytes.readUInt32LE(at + 4) === index;
    left -= to - from;
    if (!isBlob || to > bytes.length || left < 0) return undefined;
    blobs.push(bytes.subarray(from, to));
  }
  return blobs;
}

const BDB_MAGIC = 0x61561;
const BDB_HEADER = 26;
const [BDB_HASH_UNSORTED, BDB_OVERFLOW, BDB_HASH] = [2, 7, 13];
/** Type of an item whose data is on pages of its own. */
const BDB_ELSEWHERE = 3;

export function isBdb(bytes: Buffer): boolean {
  return bytes.length >= 512 && [bytes.readUInt32LE(12), bytes.readUInt32BE(12)].includes(BDB_MAGIC);
}

/**
 * `Packages`: alternating keys and values on hash pages; a package's value is large and stored on a chain of overflow
 * pages.
 * @returns undefined for a file that is not in the format of Berkeley DB's db_page.h
 */
export function bdbBlobs(bytes: Buffer): readonly Buffer[] | undefined {
  // Written in the machine's byte order.
  const little = bytes.readUInt32LE(12) === BDB_MAGIC;
  const u32 = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const u16 = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const size = u32(20);
  if (size < 512 || size > 65536 || (size & (size - 1)) !== 0) return undefined;
  const pages = Math.min(u32(32) + 1, Math.floor(bytes.length / size));
  const blobs: Buffer[] = [];
  const seen = new Set<number>();
  for (let page = 0; page < pages; page += 1) {
    const from = page * size;
    const kind = bytes.readUInt8(from + 25);
    if (kind !== BDB_HASH && kind !== BDB_HASH_UNSORTED) continue;
    const items = u16(from + 20);
    if (items % 2 !== 0 || BDB_HEADER + 2 * items > size) return undefined;
    for (let item = 1; item < items; item += 2) {
      const at = from + u16(from + BDB_HEADER + 2 * item);
      // A small value is the counter for new numbers.
      if (at >= from + size || bytes.readUInt8(at) !== BDB_ELSEWHERE) continue;
      if (at + 12 > from + size) return undefined;
      const parts: Buffer[] = [];
      for (let next = u32(at + 4); next !== 0; ) {
        const begin = next * size;
        // A chain with a loop is invalid, and so is one with pages of another type.
        if (seen.has(next) || begin + size > bytes.length || bytes.readUInt8(begin + 25) !== BDB_OVERFLOW)
          return undefined;
        seen.add(next);
        const following = u32(begin + 16);
        const length = following === 0 ? u16(begin + 22) : size - BDB_HEADER;
        parts.push(bytes.subarray(begin + BDB_HEADER, Math.min(begin + BDB_HEADER + length, begin + size)));
        next = following;
      }
      blobs.push(Buffer.concat(parts));
    }
  }
  return blobs;
}
