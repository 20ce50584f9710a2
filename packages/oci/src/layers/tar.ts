import { BLOCK, isZero, padded } from './tar-block.ts';
import { broken } from './tar-error.ts';
import { type RawHeader, readHeader } from './tar-header.ts';
import { changesOf, type PaxRecords, readPax, sparseOf } from './tar-pax.ts';
import {
  BlockMap,
  type ContentSink,
  checkFragments,
  type Fragment,
  fragmentsOf,
  LineMap,
  withHoles,
} from './tar-sparse.ts';
import { nameText } from './tar-text.ts';

/** One entry of an archive. Names are untrusted until `layerPath` has cleaned them. */
export interface TarEntry {
  /** May contain lone surrogates for bytes that are not UTF-8 (see `nameText`). */
  readonly path: string;
  readonly type: 'file' | 'hardlink' | 'symlink' | 'directory' | 'device' | 'fifo';
  /** Permission bits with setuid (0o4000), setgid (0o2000) and sticky (0o1000). */
  readonly mode: number;
  /** Ids of the owner. */
  readonly uid: number;
  readonly gid: number;
  /** Modification time in seconds since 1970, as written, perhaps with a fraction. */
  readonly time: string;
  /** Unpacked size in bytes: for a sparse file, with its holes. */
  readonly size: number;
  /** Link target as written; empty for other types. */
  readonly link: string;
}

export type { ContentSink } from './tar-sparse.ts';

/** Maximum size of an extended header, as in Go's archive/tar: no container runtime unpacks a larger one. Bytes. */
const MAX_SPECIAL = 1 << 20;

/**
 * Types without content, regardless of their size field (Go: isHeaderOnlyType). Any other type is a file: Go returns
 * its name and content, and GNU tar extracts an unknown type as a file.
 */
const HEADER_ONLY: Readonly<Record<string, TarEntry['type']>> = {
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'directory',
  '6': 'fifo',
};

type State = 'header' | 'special' | 'block-map' | 'line-map' | 'content' | 'padding' | 'over';

/** An entry whose header was read, but possibly not its sparse map. */
interface Begun extends TarEntry {
  /** Bytes of content in the archive. */
  readonly stored: number;
}

/**
 * Reads a tar archive in chunks of any size: ustar, pax, GNU long names, sparse files. It writes and opens no files;
 * memory is limited to one header and one extended header.
 *
 * An own implementation, because no library has what a gate needs: extended headers limited before they are read
 * (tar-stream buffers as many bytes as a header announces), GNU's old sparse format, and the same decisions as Go's
 * archive/tar, which unpacks the layer later: if two readers differ, an attacker can show them different files. A test
 * compares the two with thousands of archives. It is stricter than Go in one point: an archive that ends within an
 * entry's padding, or after extended headers without an entry, is rejected.
 */
export class TarReader {
  readonly #where: string;
  readonly #onEntry: (entry: TarEntry) => ContentSink | undefined;
  /** A header, an extended header or a sparse map that arrives in pieces. */
  #partial: Buffer[] = [];
  #partialLength = 0;
  #wanted = BLOCK;
  #state: State = 'header';
  #special: { flag: string; size: number } | undefined;
  #begun: Begun | undefined;
  #blockMap: BlockMap | undefined;
  #lineMap: LineMap | undefined;
  #sink: ContentSink | undefined;
  #left = 0;
  #padding = 0;
  #zeroBlocks = 0;
  /** Extended headers for the next entry: the last `x`, the last `L`, the last `K`. */
  #records: PaxRecords = new Map();
  #longName = '';
  #longLink = '';

  constructor(where: string, onEntry: (entry: TarEntry) => ContentSink | undefined) {
    this.#where = where;
    this.#onEntry = onEntry;
  }

  /** @throws TidegateError `integrity` as soon as something is invalid. */
  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case 'over':
          return;
        case 'content': {
          const end = Math.min(chunk.length, at + this.#left);
          this.#left -= end - at;
          if (this.#sink) this.#sink(chunk.subarray(at, end), this.#left === 0);
          at = end;
          if (this.#left === 0) this.#afterContent();
          break;
        }
        case 'padding': {
          const end = Math.min(chunk.length, at + this.#padding);
          this.#padding -= end - at;
          at = end;
          if (this.#padding === 0) this.#expect('header', BLOCK);
          break;
        }
        default: {
          const end = Math.min(chunk.length, at + this.#wanted - this.#partialLength);
          const piece = chunk.subarray(at, end);
          at = end;
          if (this.#partialLength + piece.length < this.#wanted) {
            // Copy it: the caller may reuse its buffer.
            this.#partial.push(Buffer.from(piece));
            this.#partialLength += piece.length;
            return;
          }
          const whole = this.#partialLength === 0 ? piece : Buffer.concat([...this.#partial, piece], this.#wanted);
          this.#partial = [];
          this.#partialLength = 0;
          this.#take(whole);
        }
      }
    }
  }

  /** @throws TidegateError `integrity` when the archive ends within an entry. */
  end(): void {
    // Go accepts an archive that ends between entries without the two blocks of zeros.
    const between =
      this.#state === 'header' && this.#partialLength === 0 && !this.#described() && this.#zeroBlocks === 0;
    if (this.#state !== 'over' && !between) throw broken(this.#where, 'it is truncated');
  }

  #described(): boolean {
    return this.#records.size > 0 || this.#longName !== '' || this.#longLink !== '';
  }

  #expect(state: State, bytes: number): void {
    this.#state = state;
    this.#wanted = bytes;
  }

  #take(bytes: Buffer): void {
    switch (this.#state) {
      case 'special':
        this.#takeSpecial(bytes);
        break;
      case 'block-map':
        this.#blockMap?.add(bytes);
        this.#takeBlockMap();
        break;
      case 'line-map':
        this.#takeLineMap(bytes);
        break;
      default:
        this.#takeHeader(bytes);
    }
  }

  #takeHeader(bytes: Buffer): void {
    if (bytes[0] === 0 && isZero(bytes)) {
      this.#zeroBlocks += 1;
      if (this.#zeroBlocks < 2) return;
      if (this.#described()) throw broken(this.#where, 'an extended header has no entry');
      this.#state = 'over';
      return;
    }
    if (this.#zeroBlocks > 0) throw broken(this.#where, 'an entry follows the end marker');
    const header = readHeader(bytes, this.#where);
    if (header.size < 0 && !(header.flag in HEADER_ONLY)) throw broken(this.#where, 'an entry has a negative size');
    if (!'xgLK'.includes(header.flag)) {
      this.#begin(header, bytes);
      return;
    }
    if (header.size > MAX_SPECIAL) throw broken(this.#where, `an extended header has ${header.size} bytes`);
    this.#special = { flag: header.flag, size: header.size };
    if (header.size === 0) this.#takeSpecial(Buffer.alloc(0));
    else this.#expect('special', padded(header.size));
  }

  #takeSpecial(bytes: Buffer): void {
    const { flag, size } = this.#special ?? { flag: '', size: 0 };
    const content = bytes.subarray(0, size);
    if (flag === 'x') this.#records = readPax(content, this.#where);
    else if (flag === 'g') {
      // Go applies none of its records but returns it as an entry, so the extended headers before it applied to that
      // entry.
      readPax(content, this.#where);
      this.#forget();
    } else {
      const nul = content.indexOf(0);
      const name = nameText(nul < 0 ? content : content.subarray(0, nul));
      if (flag === 'L') this.#longName = name;
      else this.#longLink = name;
    }
    this.#expect('header', BLOCK);
  }

  #forget(): void {
    this.#records = new Map();
    this.#longName = '';
    this.#longLink = '';
  }

  /** The entry's header was read; its sparse map may follow. */
  #begin(header: RawHeader, bytes: Buffer): void {
    const records = this.#records;
    const changes = changesOf(records, this.#where);
    const path = this.#longName || (changes.path ?? header.name);
    const link = this.#longLink || (changes.linkpath ?? header.link);
    this.#forget();
    // The oldest archives have no type for folders. An entry of type file stays a file, even if its name ends in a
    // slash.
    const flag = header.flag === '\0' && path.endsWith('/') ? '5' : header.flag;
    const type = HEADER_ONLY[flag] ?? 'file';
    const size = changes.size ?? header.size;
    const stored = type === 'file' ? size : 0;
    if (stored < 0) throw broken(this.#where, 'an entry has a negative size');
    const [uid, gid] = [changes.uid ?? header.uid, changes.gid ?? header.gid];
    const time = changes.time ?? String(header.time);
    this.#begun = { path, type, mode: header.mode, uid, gid, time, size: stored, link, stored };
    if (flag === 'S') this.#beginBlocks(header, bytes);
    else this.#beginPax(records, this.#begun, size);
  }

  #beginBlocks(header: RawHeader, bytes: Buffer): void {
    // Star uses the same type with another map.
    if (header.format !== 'gnu') throw broken(this.#where, 'a sparse file has an unsupported format');
    this.#blockMap = new BlockMap(bytes, this.#where);
    this.#takeBlockMap();
  }

  #takeBlockMap(): void {
    const [map, begun] = [this.#blockMap as BlockMap, this.#begun as Begun];
    if (map.isExtended) this.#expect('block-map', BLOCK);
    else this.#open({ ...begun, size: map.size }, map.fragments);
  }

  #beginPax(records: PaxRecords, begun: Begun, size: number): void {
    const sparse = sparseOf(records, this.#where);
    if (!sparse) {
      this.#open(begun);
      return;
    }
    if (begun.type !== 'file') throw broken(this.#where, `a ${begun.type} is marked as a sparse file`);
    const entry = { ...begun, path: sparse.path ?? begun.path, size: sparse.size ?? size };
    if (sparse.map) this.#open(entry, fragmentsOf(sparse.map, this.#where));
    else {
      this.#lineMap = new LineMap(this.#where);
      this.#expectLineMap(entry);
    }
  }

  #expectLineMap(entry: Begun): void {
    if (entry.stored < BLOCK) throw broken(this.#where, 'a sparse map is truncated');
    this.#begun = entry;
    this.#expect('line-map', BLOCK);
  }

  #takeLineMap(bytes: Buffer): void {
    const begun = this.#begun as Begun;
    const entry = { ...begun, stored: begun.stored - BLOCK };
    const fragments = this.#lineMap?.add(bytes);
    if (fragments) this.#open(entry, fragments);
    else this.#expectLineMap(entry);
  }

  /** Header and map were read: report the entry and start its content. */
  #open({ stored, ...entry }: Begun, fragments?: readonly Fragment[]): void {
    if (fragments) checkFragments(fragments, entry.size, stored, this.#where);
    this.#left = stored;
    this.#padding = padded(stored) - stored;
    const sink = this.#onEntry(entry);
    this.#sink = sink && fragments ? withHoles(fragments, entry.size, sink) : sink;
    if (stored > 0) this.#state = 'content';
    else {
      this.#sink?.(Buffer.alloc(0), true);
      this.#afterContent();
    }
  }

  #afterContent(): void {
    this.#sink = undefined;
    if (this.#padding > 0) this.#state = 'padding';
    else this.#expect('header', BLOCK);
  }
}
