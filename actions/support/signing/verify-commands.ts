import type { Trust } from '@tidegate/attest';
import {
  cosignCommands,
  type ExpectedSigner,
  formatReference,
  notAsked,
  PredicateType,
  parseReference,
} from '@tidegate/core';

/**
 * How anyone checks what was published, with cosign alone. Keyless: the identity, exactly. With a key and without a log
 * there is no entry to look for, which cosign must be told.
 * @param reference by digest
 */
export function verifyCommands(
  reference: string,
  { identities = [], log }: Pick<Trust, 'identities' | 'log'>,
): readonly string[] {
  const [identity] = identities;
  const exactly = identity?.subject.kind === 'exact' && identity.issuer.kind === 'exact';
  const signer: ExpectedSigner = exactly
    ? { kind: 'keyless', identity }
    : { kind: 'key', publicKey: '', logged: log === 'required' };
  const { registry, repository } = parseReference(reference);
  const admission = {
    repository: formatReference({ registry, repository }),
    signer,
    predicateTypes: [PredicateType.signature, PredicateType.provenance, PredicateType.verdict],
  };
  return [...notAsked(admission), ...cosignCommands(admission, { reference })];
}
