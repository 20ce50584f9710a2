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
 * Evidence of a verified bundle. A statement that this process has written is known by its digest, and its megabytes
 * are not parsed again.
 * @param payload digest of the signed payload, if the caller has hashed it
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
  // A statement that yields no evidence, or unreadable evidence, was not checked to describe this image.
  if (said?.[0] && said[0].kind !== 'unreadable' && predicateType !== undefined) {
    return [{ kind: 'signature', subject, predicateType, payload, signer: signer.name }, ...said];
  }
  const { evidence, statement } = aboutSubject(bundle.payload, subject, signer);
  // The signed statement is published, so the gate evaluates it too, even if it differs from the unsigned one in the
  // layout.
  if (statement.predicateType === PredicateType.signature) return [evidence];
  if (statement.predicateType === REFERENCE) {
    // A signature of a digest covers the content with that digest: the content is stored next to it and evaluated
    // there.
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
 * Remember a bundle that was just created, so that the gate need not read its bytes: signature, witnesses and signer
 * are verified here in the same way. The bytes are read when they come back from the registry.
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
    // It does not verify: the gate reads and reports it.
    if (!(error instanceof TidegateError)) throw error;
  }
}
