import { MAX_SIGNED_BYTES, REFERENCE, referenceStatement, signatureStatement } from '@tidegate/attest';
import { type Descriptor, type Digest, digestOf, MediaType } from '@tidegate/core';
import { readStatements } from '../evidence/store.ts';
import type { Target } from '../target.ts';

/** The bytes that a signature covers. */
export interface Payload {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly predicateType: string;
}

/** Everything about `subject` in the layout that is to be signed: the image itself first, then every statement. */
export async function signedPayloads(
  target: Pick<Target, 'layout' | 'evidence'>,
  subject: Descriptor,
): Promise<readonly Payload[]> {
  const { bytes, statement } = signatureStatement(subject.digest);
  const image = { bytes, digest: digestOf(bytes), predicateType: statement.predicateType };
  const held = await readStatements(target, subject);
  return [image, ...held.map((one) => signable(one, subject))];
}

/** The statement itself, or if it is too large for a bundle, one that references it by digest. */
function signable(held: Payload, subject: Descriptor): Payload {
  if (held.bytes.byteLength <= MAX_SIGNED_BYTES) return held;
  const { predicateType, digest } = held;
  const named = { predicateType, digest, mediaType: MediaType.inToto };
  const { bytes } = referenceStatement([{ digest: subject.digest }], named);
  return { bytes, digest: digestOf(bytes), predicateType: REFERENCE };
}
