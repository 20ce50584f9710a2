import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Digest, parseDigest } from '@tidegate/core';

export async function sha256Of(file: string, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, { ...(signal ? { signal } : {}) });
  return parseDigest(`sha256:${hash.digest('hex')}`);
}
