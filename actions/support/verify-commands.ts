import type { Trust } from '@tidegate/attest';
import { cosignFlags, type ExpectedSigner, shellWord } from '@tidegate/core';

/**
 * How anyone checks what was published, with cosign alone. Keyless: the identity, exactly. With a key and without a log
 * there is no entry to look for, which cosign must be told.
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
  const flags = cosignFlags(signer, {}).map(shellWord).join(' ');
  return [
    `cosign verify ${flags} ${reference}`,
    `cosign verify-attestation ${flags} --type slsaprovenance1 ${reference}`,
    `cosign verify-attestation ${flags} --type https://slsa.dev/verification_summary/v1 ${reference}`,
  ];
}
