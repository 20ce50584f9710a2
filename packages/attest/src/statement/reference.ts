import { type Digest, hexOf, parseDigest } from '@tidegate/core';
import * as v from 'valibot';
import { sha256Hex, shaped } from './shape.ts';
import { makeStatement, type StatementBytes, type Subject } from './statement.ts';

/** in-toto/attestation, spec/predicates/reference.md: location and digest of a document about the subject. */
export const REFERENCE = 'https://in-toto.io/attestation/reference/v0.1';

/**
 * In bytes: the largest statement that is signed as a whole. GitHub accepts attestations of up to 16 MB, and cosign and
 * admission controllers read a bundle into memory at once.
 */
export const MAX_SIGNED_BYTES = 16 * 1024 * 1024;

/** A statement that is stored next to its image, because it is too large for a bundle. */
export interface Referred {
  readonly predicateType: string;
  readonly digest: Digest;
  readonly mediaType: string;
}

/** A statement with a reference, which is signed instead of a statement larger than MAX_SIGNED_BYTES. */
export function referenceStatement(
  subjects: readonly Subject[],
  { predicateType, digest, mediaType }: Referred,
): StatementBytes {
  return makeStatement(REFERENCE, subjects, {
    attester: { id: 'https://github.com/tidegate/tidegate' },
    references: [{ name: predicateType, digest: { sha256: hexOf(digest) }, mediaType }],
  });
}

const Predicate = v.looseObject({
  references: v.array(
    v.looseObject({ name: v.string(), mediaType: v.string(), digest: v.looseObject({ sha256: sha256Hex }) }),
  ),
});

/** @throws TidegateError `evidence` when the predicate is not such a reference */
export function readReferences(predicate: unknown): readonly Referred[] {
  return shaped(Predicate, predicate, 'The reference').references.map(({ name, mediaType, digest }) => ({
    predicateType: name,
    mediaType,
    digest: parseDigest(`sha256:${digest.sha256}`),
  }));
}
