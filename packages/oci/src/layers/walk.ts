import { createHash } from 'node:crypto';
import { type Descriptor, type Digest, formatBytes, TidegateError } from '@tidegate/core';
import type { CallOptions, Store } from '../store.ts';
import { throwIfCancelled } from '../verified.ts';
import { unpacked } from './decompress.ts';
import { type ContentSink, type TarEntry, TarReader } from './tar.ts';

/** How much a layer may unpack to before it is taken for a bomb. */
export interface WalkLimits {
  /** Bytes of one layer, unpacked, the holes of its sparse files among them. Default 64 GiB. */
  readonly bytes?: number;
  /** Unpacked over packed, once more than `ratioFrom` bytes (default 1 GiB) have come. Default 400. */
  readonly ratio?: number;
  readonly ratioFrom?: number;
}

export interface WalkedLayer {
  readonly entries: number;
  /** Bytes unpacked. */
  readonly size: number;
}

const DEFAULTS = { bytes: 64 * 2 ** 30, ratio: 400, ratioFrom: 2 ** 30 };

/**
 * One layer, once, front to back: each entry is shown to `onEntry` in the archive's order, and its content to the sink
 * that was returned. In the same pass the blob is held against its digest and what it unpacks to against the config's
 * diff_id, so that nobody can be shown other files than a runtime will see.
 * @param diffId of the image's config (image-spec, config.md, rootfs.diff_ids)
 * @throws TidegateError `integrity`: other bytes than described, no archive, or a bomb.
 */
export async function walkLayer(
  store: Store,
  layer: Descriptor,
  diffId: Digest,
  onEntry: (entry: TarEntry) => ContentSink | undefined,
  options: CallOptions & { readonly limits?: WalkLimits } = {},
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
    // A sparse file of terabytes takes one block of the archive, and the disk of each machine that unpacks it.
    written += entry.size;
    checkSize(written);
    return onEntry(entry);
  });
  const source = await store.fetch(layer, options);
  try {
    for await (const chunk of unpacked(source as AsyncIterable<Buffer>, where)) {
      throwIfCancelled(options.signal, `reading ${where}`);
      size += chunk.length;
      checkSize(size);
      hash.update(chunk);
      reader.write(chunk);
    }
    reader.end();
    const actual = `sha256:${hash.digest('hex')}`;
    if (actual !== diffId) {
      throw new TidegateError('integrity', `${where} unpacks to ${actual}, and the image's config says ${diffId}.`, {
        next: 'Build the image again; no runtime starts it as it is.',
      });
    }
  } finally {
    source.destroy();
  }
  return { entries, size };
}

function refusedBomb(where: string, packed: number, size: number): TidegateError {
  return new TidegateError(
    'integrity',
    `${where} has ${formatBytes(packed)} and unpacks to more than ${formatBytes(size)}: it is taken for a bomb and not read on.`,
    { next: 'Leave large files of one repeated byte out of the image.' },
  );
}
