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
 * How to verify a published image with cosign alone. Keyless: the exact identity. With a key and without a log there is
 * no log entry, which a flag must tell cosign.
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
