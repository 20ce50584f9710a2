import { MAX_BUNDLE_BYTES } from '@tidegate/attest';
import { type Digest, MediaType, manifestsOf, PredicateType } from '@tidegate/core';
import type { Target } from '../target.ts';
import { readContent } from './store.ts';

/** A bundle of the layout, as it is published. */
export interface SignedBundle {
  readonly subject: Digest;
  readonly predicateType: string;
  readonly bytes: Uint8Array;
}

const TYPES: readonly string[] = [PredicateType.provenance, PredicateType.spdx, PredicateType.cyclonedx];

/**
 * The signed provenance and SBOMs of the root and of every platform; without SBOMs that are too large for a bundle. After
 * a push, they have been read back.
 */
export async function signedBundles({
  image,
  layout,
}: Pick<Target, 'image' | 'layout'>): Promise<readonly SignedBundle[]> {
  const found: SignedBundle[] = [];
  for (const { digest: subject } of manifestsOf(image)) {
    for (const referrer of await layout.referrers(subject, MediaType.bundle)) {
      const predicateType = referrer.annotations?.['dev.sigstore.bundle.predicateType'] ?? '';
      if (!TYPES.includes(predicateType)) continue;
      found.push({ subject, predicateType, bytes: await readContent(layout, referrer, MAX_BUNDLE_BYTES) });
    }
  }
  return found;
}
