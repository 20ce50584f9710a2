import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Descriptor, type Digest, formatBytes, TidegateError } from '@tidegate/core';
import { READ_SIZE } from '../layout/files.ts';
import type { CallOptions, Store } from '../store.ts';
import { throwIfCancelled } from '../verified.ts';
import { decompressed } from './decompress.ts';
import { type ContentSink, type TarEntry, TarReader } from './tar.ts';
import type { UnpackedLayers } from './unpacked.ts';

/** Limits of the unpacked size, against decompression bombs. */
export interface WalkLimits {
  /** Maximum unpacked bytes of one layer, including holes of sparse files. Default 64 GiB. */
  readonly bytes?: number;
  /** Maximum ratio of unpacked to packed size, checked above `ratioFrom` bytes (default 1 GiB). Default 400. */
  readonly ratio?: number;
  readonly ratioFrom?: number;
}

export interface WalkedLayer {
  readonly entries: number;
  /** Bytes unpacked. */
  readonly size: number;
}

const READING = { highWaterMark: READ_SIZE };
const DEFAULTS = { bytes: 64 * 2 ** 30, ratio: 400, ratioFrom: 2 ** 30 };

/**
 * Read one layer in a single pass: `onEntry` is called for each entry in the archive's order, and its content goes to
 * the returned sink. The same pass verifies the blob's digest and the config's diff_id, so that a scan sees exactly the
 * files that a runtime will see.
 * @param options `unpacked`: if it has the layer, the verified file is read instead of the blob
 * @param diffId of the image's config (image-spec, config.md, rootfs.diff_ids)
 * @throws TidegateError `integrity` for a wrong digest, an invalid archive, or a decompression bomb.
 */
export async function walkLayer(
  store: Store,
  layer: Descriptor,
  diffId: Digest,
  onEntry: (entry: TarEntry) => ContentSink | undefined,
  options: CallOptions & { readonly limits?: WalkLimits; readonly unpacked?: UnpackedLayers | undefined } = {},
): Promise<WalkedLayer> {
  const where = `layer ${layer.digest} in ${store.name}`;
  const limits = { ...DEFAULTS, ...options.limits };
  const hash = createHash('sha256');
  let [entries, size, written] = [0, 0, 0];
  const checkSize = (bytes: number) => {
    const isBomb = bytes > limits.bytes || (bytes > limits.ratioFrom && bytes > limits.ratio * layer.size);
    if (isBomb) throw refusedBomb(where, layer.size, bytes);
  };
  const reader = new TarReader(where, (entry) => {
    entries += 1;
    // A sparse file of terabytes takes one block in the archive but fills the disk of each machine that unpacks it.
    written += entry.size;
    checkSize(written);
    return onEntry(entry);
  });
  const unpacked = options.unpacked?.fileOf({ layer, diffId });
  const source = unpacked === undefined ? await store.fetch(layer, options) : createReadStream(unpacked, READING);
  try {
    for await (const chunk of unpacked === undefined ? decompressed(source as AsyncIterable<Buffer>, where) : source) {
      throwIfCancelled(options.signal, `reading ${where}`);
      size += chunk.length;
      checkSize(size);
      if (unpacked === undefined) hash.update(chunk);
      reader.write(chunk);
    }
    reader.end();
    const actual = unpacked === undefined ? `sha256:${hash.digest('hex')}` : diffId;
    if (actual !== diffId) {
      throw new TidegateError(
        'layer-damaged',
        `${where} unpacks to ${actual}, but the image's config says ${diffId}.`,
        {
          next: 'Build the image again: no runtime will start it.',
        },
      );
    }
  } finally {
    source.destroy();
  }
  return { entries, size };
}

function refusedBomb(where: string, packed: number, size: number): TidegateError {
  return new TidegateError(
    'layer-bomb',
    `${where} has ${formatBytes(packed)} and unpacks to more than ${formatBytes(size)}: it looks like a decompression bomb.`,
    { next: 'Remove large files of one repeated byte from the image.' },
  );
}
