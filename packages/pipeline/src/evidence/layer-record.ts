import { MAX_ORIGIN_BYTES, readOrigin } from '@tidegate/attest';
import { type Digest, type ImageOrigin, MediaType } from '@tidegate/core';
import type { Target } from '../target.ts';
import { readContent } from './store.ts';

/**
 * What the build recorded about each layer of a platform.
 * @returns undefined for an image that was built elsewhere
 * @throws TidegateError `evidence` when the record cannot be read
 */
export async function readLayerRecord({ layout }: Target, digest: Digest): Promise<ImageOrigin | undefined> {
  const [record] = await layout.referrers(digest, MediaType.origin);
  return record && readOrigin(await readContent(layout, record, MAX_ORIGIN_BYTES), digest);
}
