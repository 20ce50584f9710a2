import type { Trust } from '@tidegate/attest';

/** Somebody's words inside a command that a reader will paste into a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * How anyone checks what was published, with cosign alone. Keyless: the identity, exactly. With a key and without a log
 * there is no entry to look for, which cosign must be told.
 */
export function verifyCommands(reference: string, { identities = [] }: Pick<Trust, 'identities'>): readonly string[] {
  const [identity] = identities;
  const { subject, issuer } = identity ?? {};
  const flags =
    subject?.kind === 'exact' && issuer?.kind === 'exact'
      ? `--certificate-identity ${quoted(subject.value)} --certificate-oidc-issuer ${quoted(issuer.value)}`
      : '--key cosign.pub --insecure-ignore-tlog=true';
  return [
    `cosign verify ${flags} ${reference}`,
    `cosign verify-attestation ${flags} --type slsaprovenance1 ${reference}`,
    `cosign verify-attestation ${flags} --type https://slsa.dev/verification_summary/v1 ${reference}`,
  ];
}
