import { readFile } from 'node:fs/promises';
import type { ApiObject, Sigstore } from '@tidegate/testkit';

/**
 * A TrustRoot of policy-controller with the authorities of a private Sigstore. v0.13.1 cannot parse entries of Rekor v2,
 * nor take an Ed25519 log or our certificate log from a TrustRoot: so a signature needs a timestamp, and the policy must
 * look at no SCT.
 */
export async function trustRootOf(sigstore: Sigstore, name: string): Promise<ApiObject> {
  const { certificateAuthorities, timestampAuthorities } = JSON.parse(await readFile(sigstore.trustedRoot, 'utf8'));
  return {
    apiVersion: 'policy.sigstore.dev/v1alpha1',
    kind: 'TrustRoot',
    metadata: { name },
    spec: {
      sigstoreKeys: {
        certificateAuthorities: certificateAuthorities.map(authority),
        timestampAuthorities: timestampAuthorities.map(authority),
      },
    },
  };
}

interface Authority {
  readonly uri: string;
  readonly certChain: { readonly certificates: readonly { readonly rawBytes: string }[] };
}

const pem = ({ rawBytes }: { rawBytes: string }) =>
  `-----BEGIN CERTIFICATE-----\n${rawBytes.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

const authority = ({ uri, certChain }: Authority) => ({
  subject: { organization: 'Tidegate tests', commonName: 'loopback' },
  uri,
  certChain: Buffer.from(certChain.certificates.map(pem).join('')).toString('base64'),
});
