import {
  aboutSubject,
  type Bundle,
  evidenceOf,
  REFERENCE,
  readReferences,
  type Trust,
  verifySignature,
} from '@tidegate/attest';
import { type Digest, digestOf, type Evidence, PredicateType, TidegateError } from '@tidegate/core';
import type { EvidenceCache } from '../evidence/cache.ts';

/**
 * What a bundle says, verified. A statement that this process has written is known by its digest, and its megabytes are
 * not parsed again.
 * @param payload digest of what is signed, where the caller has hashed it
 * @throws TidegateError `evidence`, `signature`
 */
export function signedEvidence(
  cache: EvidenceCache,
  subject: Digest,
  bundle: Bundle,
  trust: Trust,
  payload = digestOf(bundle.payload),
): readonly Evidence[] {
  const signer = verifySignature(bundle, trust);
  const said = cache.stated(subject, payload);
  const predicateType = cache.ownStatement(subject, payload)?.predicateType;
  // Of a type that is no evidence nobody has looked whether it is about this image.
  if (said?.[0] && said[0].kind !== 'unreadable' && predicateType !== undefined) {
    return [{ kind: 'signature', subject, predicateType, payload, signer: signer.name }, ...said];
  }
  const { evidence, statement } = aboutSubject(bundle.payload, subject, signer);
  // What was signed is what is published, so it is judged too, even where it differs from what lies beside it.
  if (statement.predicateType === PredicateType.signature) return [evidence];
  if (statement.predicateType === REFERENCE) {
    // A signature over a digest is one over what has that digest: it lies beside, and is judged there.
    return readReferences(statement.predicate).map((one) => ({
      ...evidence,
      predicateType: one.predicateType,
      payload: one.digest,
    }));
  }
  const found = said ?? [evidenceOf(bundle.payload, subject) ?? []].flat();
  cache.addStated(subject, payload, found);
  return [evidence, ...found];
}

/**
 * Of a bundle that was made a moment ago the gate need not read the bytes: signature, witnesses and signer are verified
 * here as they would be there. The bytes are read when they come back from the registry.
 */
export function rememberBundle(
  cache: EvidenceCache,
  subject: Digest,
  content: Digest,
  bundle: Bundle,
  trust: Trust,
  payload: Digest,
): void {
  cache.markUnread(content);
  try {
    cache.addVerified(subject, content, trust, signedEvidence(cache, subject, bundle, trust, payload));
  } catch (error) {
    // One that does not verify: the gate reads it, and says so.
    if (!(error instanceof TidegateError)) throw error;
  }
}
