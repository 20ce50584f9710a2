import { BLOCK, broken, type PaxRecords, type RawHeader, readHeader, readPax } from './tar-header.ts';

/** One file of an archive. Names are as they stand there: hostile until `layerPath` has cleaned them. */
export interface TarEntry {
  readonly path: string;
  readonly type: 'file' | 'hardlink' | 'symlink' | 'directory' | 'device' | 'fifo';
  /** Permission bits with setuid (0o4000), setgid (0o2000) and sticky (0o1000). */
  readonly mode: number;
  /** Bytes of content in the archive: of a sparse file, only what is not a hole. */
  readonly size: number;
  /** Where a link leads, as written; empty for others. */
  readonly link: string;
}

/** Takes an entry's content, piece by piece; `last` comes exactly once. A piece is only valid during the call. */
export type ContentSink = (piece: Buffer, last: boolean) => void;

/** As Go's archive/tar bounds them: what it refuses, no container runtime unpacks. Bytes. */
const MAX_SPECIAL = 1 << 20;

/** Of a type flag; undefined for headers that describe others and for what no runtime makes a file of. */
const TYPES: Readonly<Record<string, TarEntry['type']>> = {
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'directory',
  '6': 'fifo',
};

/**
 * Reads a tar archive that is fed to it in pieces of any size: ustar, pax, GNU long names, sparse files. Nothing is
 * written anywhere and no name is opened; memory is one header and one extended header, whatever the archive says.
 *
 * Written here, and not taken from a library, for what a gate needs and none of them has: extended headers bounded
 * before they are read (tar-stream holds as many bytes as a header announces), GNU's old sparse form, and the same
 * choices as Go's archive/tar, which is what unpacks the layer later: where two readers differ, one can be shown other
 * files than the other.
 */
export class TarReader {
  readonly #where: string;
  readonly #onEntry: (entry: TarEntry) => ContentSink | undefined;
  /** A header, an extended header or a sparse map that arrives in pieces. */
  #partial: Buffer[] = [];
  #partialLength = 0;
  #wanted = BLOCK;
  #state: 'header' | 'special' | 'sparse-map' | 'content' | 'padding' | 'over' = 'header';
  #special: { flag: string; size: number } | undefined;
  #header: RawHeader | undefined;
  #sink: ContentSink | undefined;
  #left = 0;
  #padding = 0;
  #zeroBlocks = 0;
  #global: PaxRecords = {};
  #next: PaxRecords = {};

  constructor(where: string, onEntry: (entry: TarEntry) => ContentSink | undefined) {
    this.#where = where;
    this.#onEntry = onEntry;
  }

  /** @throws TidegateError `integrity` as soon as something is not as it must be. */
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
            // The caller may use its buffer again.
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
    // Go takes an archive that ends between entries, without the two blocks of zeros, for whole.
    const between =
      this.#state === 'header' && this.#partialLength === 0 && !this.#described() && this.#zeroBlocks === 0;
    if (this.#state !== 'over' && !between) throw broken(this.#where, 'the archive is cut off');
  }

  #described(): boolean {
    return Object.keys(this.#next).length > 0;
  }

  #expect(state: 'header' | 'special' | 'sparse-map', bytes: number): void {
    this.#state = state;
    this.#wanted = bytes;
  }

  #take(bytes: Buffer): void {
    switch (this.#state) {
      case 'special':
        this.#takeSpecial(bytes);
        break;
      case 'sparse-map':
        // 21 entries of 24 bytes, then whether another such block follows.
        if (bytes[504] === 0) this.#begin();
        break;
      default:
        this.#takeHeader(bytes);
    }
  }

  #takeHeader(bytes: Buffer): void {
    if (bytes[0] === 0 && isZero(bytes)) {
      this.#zeroBlocks += 1;
      if (this.#zeroBlocks < 2) return;
      if (this.#described()) throw broken(this.#where, 'an extended header that describes nothing');
      this.#state = 'over';
      return;
    }
    if (this.#zeroBlocks > 0) throw broken(this.#where, 'an entry after the mark of the end');
    const header = readHeader(bytes, this.#where);
    if ('xgLK'.includes(header.flag)) {
      if (header.size > MAX_SPECIAL) throw broken(this.#where, `an extended header of ${header.size} bytes`);
      this.#special = { flag: header.flag, size: header.size };
      if (header.size === 0) this.#takeSpecial(Buffer.alloc(0));
      else this.#expect('special', padded(header.size));
      return;
    }
    this.#header = header;
    if (header.moreSparse) this.#expect('sparse-map', BLOCK);
    else this.#begin();
  }

  #takeSpecial(bytes: Buffer): void {
    const { flag, size } = this.#special ?? { flag: '', size: 0 };
    const content = bytes.subarray(0, size);
    if (flag === 'x') this.#next = { ...this.#next, ...readPax(content, this.#where) };
    else if (flag === 'g') this.#global = { ...this.#global, ...readPax(content, this.#where) };
    else {
      const nul = content.indexOf(0);
      const name = content.toString('utf8', 0, nul < 0 ? content.length : nul);
      this.#next = { ...this.#next, [flag === 'L' ? 'path' : 'linkpath']: name };
    }
    this.#expect('header', BLOCK);
  }

  /** Header and map are read: say what comes, and take its content. */
  #begin(): void {
    const header = this.#header as RawHeader;
    const pax = { ...this.#global, ...this.#next };
    this.#next = {};
    const path = pax.path ?? header.name;
    const size = pax.size ?? header.size;
    const flag = header.flag === '0' && path.endsWith('/') ? '5' : header.flag;
    const type = TYPES[flag];
    // Links, devices and folders have no content, whatever their size field says (Go: isHeaderOnlyType).
    this.#left = type === undefined || type === 'file' ? size : 0;
    this.#padding = padded(this.#left) - this.#left;
    this.#sink = type
      ? this.#onEntry({ path, type, mode: header.mode, size: this.#left, link: pax.linkpath ?? header.link })
      : undefined;
    if (this.#left > 0) this.#state = 'content';
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

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function isZero(block: Buffer): boolean {
  for (let at = 0; at < BLOCK; at += 8) if (block.readDoubleLE(at) !== 0) return block.every((byte) => byte === 0);
  return true;
}
