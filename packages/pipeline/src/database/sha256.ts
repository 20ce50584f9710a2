import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Digest, parseDigest } from '@tidegate/core';

export async function sha256Of(file: string, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256');
  // Node allocates a buffer of highWaterMark bytes for each read, even for a small file.
  const { size } = await stat(file);
  await pipeline(createReadStream(file, { highWaterMark: Math.min(1 << 20, size + 1) }), hash, {
    signal,
  });
  return parseDigest(`sha256:${hash.digest('hex')}`);
}
