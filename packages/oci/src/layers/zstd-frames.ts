import { TidegateError } from '@tidegate/core';

const MAGIC = 0xfd2fb528;

/**
 * The frames of a zstd stream (RFC 8878, section 3), each as separate bytes; skippable frames (zstd:chunked stores its
 * table of contents there) are left out. Read each frame to its end before requesting the next.
 * @throws from the iterators: TidegateError `integrity` for anything else.
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
      throw broken(where, 'there are bytes between its frames');
    }
  }
}

/** Section 3.1.1: header, blocks, checksum. Only lengths are read here; the decoder reads the content. */
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
    if (type === 3) throw broken(bytes.where, 'a block has an unknown type');
    yield header;
    // An RLE block contains one byte, regardless of its size field.
    yield* bytes.through(type === 1 ? 1 : word >> 3);
  }
  if (flags & 4) yield await bytes.take(4);
}

/** Reads a stream in requested lengths. */
class Bytes {
  readonly where: string;
  readonly #pieces: AsyncIterator<Buffer>;
  #piece: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>, where: string) {
    this.#pieces = source[Symbol.asyncIterator]();
    this.where = where;
  }

  /** Undefined if the source has ended. */
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
      if (!(await this.#more())) throw broken(this.where, 'it is truncated');
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
  return new TidegateError('layer-damaged', `${where} is not a valid zstd stream: ${why}.`, {
    next: 'Build the image again. If it still fails, check the tool that wrote the layer: it is faulty or malicious.',
  });
}
