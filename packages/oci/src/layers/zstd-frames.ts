import { TidegateError } from '@tidegate/core';

const MAGIC = 0xfd2fb528;

/**
 * The frames of a zstd stream (RFC 8878, section 3), each as its own bytes; skippable ones, where zstd:chunked keeps
 * its table of contents, are left out. Each frame must be read to its end before the next is asked for.
 * @throws from the iterators: TidegateError `integrity` for what is neither.
 */
export async function* zstdFrames(source: AsyncIterable<Buffer>, where: string): AsyncGenerator<AsyncIterable<Buffer>> {
  const bytes = new Bytes(source, where);
  for (;;) {
    const magic = await bytes.takeOrEnd(4);
    if (!magic) return;
    const word = magic.readUInt32LE(0);
    if ((word & 0xfffffff0) >>> 0 === 0x184d2a50) {
      const length = (await bytes.take(4)).readUInt32LE(0);
      for await (const _ of bytes.through(length));
    } else if (word === MAGIC) {
      yield frame(bytes, magic);
    } else {
      throw broken(where, 'bytes between its frames');
    }
  }
}

/** Section 3.1.1: header, blocks, checksum. Only lengths are read here; the decoder reads what they mean. */
async function* frame(bytes: Bytes, magic: Buffer): AsyncGenerator<Buffer> {
  const descriptor = await bytes.take(1);
  const flags = descriptor[0] ?? 0;
  const single = (flags & 0x20) !== 0;
  const contentSize = [single ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0;
  yield Buffer.concat([magic, descriptor, await bytes.take((single ? 0 : 1) + dictionary + contentSize)]);
  for (let last = false; !last; ) {
    const header = await bytes.take(3);
    const word = header.readUIntLE(0, 3);
    last = (word & 1) === 1;
    const type = (word >> 1) & 3;
    if (type === 3) throw broken(bytes.where, 'a block of no known type');
    yield header;
    // A block of one byte repeated holds that byte once, whatever its size says.
    yield* bytes.through(type === 1 ? 1 : word >> 3);
  }
  if (flags & 4) yield await bytes.take(4);
}

/** Bytes taken in the lengths that are needed. */
class Bytes {
  readonly where: string;
  readonly #pieces: AsyncIterator<Buffer>;
  #piece: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>, where: string) {
    this.#pieces = source[Symbol.asyncIterator]();
    this.where = where;
  }

  /** Undefined where the source has ended before the first of them. */
  async takeOrEnd(length: number): Promise<Buffer | undefined> {
    return (await this.#more()) ? this.take(length) : undefined;
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.through(length)) parts.push(part);
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  async *through(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (!(await this.#more())) throw broken(this.where, 'it is cut off');
      const part = this.#piece.subarray(0, left);
      this.#piece = this.#piece.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async #more(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done) return false;
      this.#piece = next.value;
    }
    return true;
  }
}

function broken(where: string, why: string): TidegateError {
  return new TidegateError('integrity', `${where}: ${why}: this is no zstd stream.`, {
    next: 'Build the image again; if it stays so, whatever wrote the layer is broken or hostile.',
  });
}
