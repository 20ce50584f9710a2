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
import type { Target } from '../target.ts';

type Memory = Pick<Target, 'known' | 'written' | 'unread'>;

/** Where `target.known` keeps what a content was read to say. */
export function saidKey(subject: Digest, content: Digest): string {
  return `${subject} ${content}`;
}

/** Where it keeps what a bundle was verified to say: it depends on whom it was held against. */
export function bundleKey(subject: Digest, content: Digest, trust: Trust): string {
  const { publicKeys, roots = [], identities = [], ...demands } = trust;
  const keys = publicKeys.map((key) => key.identity);
  return [subject, content, ...keys, roots.length, JSON.stringify([identities, demands])].join(' ');
}

/**
 * What a bundle says, verified. A statement that this process has written is known by its digest, and its megabytes are
 * not parsed again.
 * @param payload digest of what is signed, where the caller has hashed it
 * @throws TidegateError `evidence`, `signature`
 */
export function signedEvidence(
  { known, written }: Memory,
  subject: Digest,
  bundle: Bundle,
  trust: Trust,
  payload = digestOf(bundle.payload),
): readonly Evidence[] {
  const signer = verifySignature(bundle, trust);
  const key = saidKey(subject, payload);
  const said = known.get(key);
  const predicateType = written.get(key)?.predicateType;
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
  known.set(key, found);
  return [evidence, ...found];
}

/**
 * Of a bundle that was made a moment ago the gate need not read the bytes: signature, witnesses and signer are verified
 * here as they would be there. The bytes are read when they come back from the registry.
 */
export function rememberBundle(
  target: Memory,
  subject: Digest,
  content: Digest,
  bundle: Bundle,
  trust: Trust,
  payload: Digest,
): void {
  target.unread.add(content);
  try {
    target.known.set(bundleKey(subject, content, trust), signedEvidence(target, subject, bundle, trust, payload));
  } catch (error) {
    // One that does not verify: the gate reads it, and says so.
    if (!(error instanceof TidegateError)) throw error;
  }
}
