import { pipeline, Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { messageOf, TidegateError } from '@tidegate/core';
import { zstdFrames } from './zstd-frames.ts';

/** Larger than Node's 16 KiB, because each chunk costs a turn of the thread pool and the event loop. Bytes. */
const CHUNK = 512 * 1024;

type Compression = 'gzip' | 'zstd' | 'none';

/**
 * Decompress a layer. The format is detected from the first bytes, not from the media type: registries contain layers
 * whose type says gzip and which are not. The diff_id verifies the result.
 * @throws from the iterator: TidegateError `integrity` when decompression fails.
 */
export async function* decompressed(source: AsyncIterable<Buffer>, where: string): AsyncGenerator<Buffer> {
  const pieces = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    if (head.length >= 4) break;
  }
  const whole = startingWith(head, pieces);
  switch (compressionOf(head)) {
    case 'none':
      yield* whole;
      return;
    case 'gzip':
      yield* through(whole, zlib.createGunzip({ chunkSize: CHUNK }), where);
      return;
    case 'zstd':
      // Node stops after one frame; zstd streams, and zstd:chunked layers, may have many.
      for await (const frame of zstdFrames(whole, where)) yield* through(frame, zstd(where), where);
  }
}

/** From the first four bytes. */
export function compressionOf(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length < 4) return 'none';
  const magic = head.readUInt32LE(0);
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? 'zstd' : 'none';
}

function zstd(where: string): zlib.ZstdDecompress {
  if (typeof zlib.createZstdDecompress === 'function') return zlib.createZstdDecompress({ chunkSize: CHUNK });
  throw new TidegateError(
    'layer-zstd-unsupported',
    `${where}: it is compressed with zstd, which Node ${process.version} does not support.`,
    {
      next: 'Use Node 24.',
    },
  );
}

export async function* startingWith(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* through(
  source: AsyncIterable<Buffer>,
  transform: zlib.Gunzip | zlib.ZstdDecompress,
  where: string,
): AsyncGenerator<Buffer> {
  let failed: unknown;
  pipeline(Readable.from(source, { objectMode: true, highWaterMark: 1 }), transform, (error) => {
    failed = error;
  });
  try {
    yield* transform as AsyncIterable<Buffer>;
  } catch (error) {
    // An error of the source (its digest) is more helpful than the decompression error.
    const cause = failed ?? error;
    if (cause instanceof TidegateError) throw cause;
    throw new TidegateError('layer-damaged', `${where}: decompression failed: ${messageOf(cause)}.`, {
      next: 'Build the image again. If it still fails, check the tool that wrote the layer: it is faulty or malicious.',
      cause,
    });
  }
}
