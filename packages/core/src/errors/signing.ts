import type { ErrorEntries } from './entry.ts';

/** TG7: keys, identities, signing services, and signatures that fail verification. */
export const SIGNING_ERRORS = {
  'key-unreadable': {
    code: 'TG7001',
    kind: 'bad-input',
    title: 'The key cannot be read',
    cause:
      'The input `key` is neither PEM text nor the path of a readable file. Its value may be a secret, so it is not shown.',
    fix: 'Check the secret: it must begin with `-----BEGIN`. A path starts at the workspace: check that the file exists.',
  },
  'key-missing': {
    code: 'TG7002',
    kind: 'bad-input',
    title: 'The signing key is missing',
    cause:
      'The inputs say to sign with a key, and the key is empty: the secret does not exist, or the event has no access to it. Pull requests from forks have none.',
    fix: 'Check that the secret exists and is passed on, or set `signing: keyless` and grant `permissions: id-token: write`.',
  },
  'key-wrong-kind': {
    code: 'TG7003',
    kind: 'bad-input',
    title: 'This is not a private key for signing',
    cause: 'The input contains nothing, a public key, a certificate, an OpenSSH key, or other text.',
    fix: 'Use a private key in PEM form, as `cosign generate-key-pair` writes it to `cosign.key`.',
  },
  'key-damaged': {
    code: 'TG7004',
    kind: 'bad-input',
    title: 'The private key is damaged',
    cause: 'The PEM text is incomplete. Often its line breaks were lost when it was stored as a secret.',
    fix: 'Store the whole text of the file as the secret, with its line breaks.',
  },
  'key-password-wrong': {
    code: 'TG7005',
    kind: 'bad-input',
    title: 'The password does not open the private key',
    cause: 'The key is encrypted, and the password is missing or wrong.',
    fix: 'Set `key-password` to the password that the key was created with.',
  },
  'key-pin-visible': {
    code: 'TG7006',
    kind: 'bad-input',
    title: 'The PIN of the token would be visible',
    cause: 'A PIN in the URI of a PKCS #11 key is visible to every process of the machine.',
    fix: 'Remove `pin-value`, and set the PIN as `COSIGN_PKCS11_PIN` in the `env` of this step.',
  },
  'public-key-unusable': {
    code: 'TG7007',
    kind: 'bad-input',
    title: 'The public key cannot be used',
    cause: 'The text is not a public key in PEM form, or its type is not supported.',
    fix: 'Set the PEM text of a public key, as `cosign generate-key-pair` writes it to `cosign.pub`.',
  },
  'id-token-denied': {
    code: 'TG7101',
    kind: 'unauthorized',
    title: 'The job may not request an identity token',
    cause:
      'Keyless signing and `registry-identities` need an OpenID Connect token, which the runner gives only to jobs with the permission. Pull requests from forks never get it.',
    fix: 'Grant the job `permissions: id-token: write`, or sign with a key and log in with a password.',
  },
  'id-token-missing': {
    code: 'TG7107',
    kind: 'bad-input',
    title: 'There is neither a signing key nor an identity token',
    cause:
      'Outside a GitHub workflow, keyless signing needs a token in `identity-token` or `SIGSTORE_ID_TOKEN`. Without one, and without a key, nothing can be signed.',
    fix: 'Set `key`, or set `SIGSTORE_ID_TOKEN` to an OpenID Connect token for the audience `sigstore`.',
  },
  'id-token-unavailable': {
    code: 'TG7102',
    kind: 'unauthorized',
    title: 'The runner returned no identity token',
    cause: 'The job has the permission, but the request to the token service of GitHub failed.',
    fix: 'Run the job again. If it still fails, see https://www.githubstatus.com.',
  },
  'id-token-invalid': {
    code: 'TG7103',
    kind: 'bad-input',
    title: 'The identity token cannot be used',
    cause: 'The token is expired, is for another audience, or is not a JSON Web Token.',
    fix: 'Request the token in this job, for the audience `sigstore`.',
  },
  'public-log-denied': {
    code: 'TG7104',
    kind: 'bad-input',
    title: 'Signing would publish the name of a private repository',
    cause:
      'Keyless signing writes repository and workflow to the public Sigstore log, where they cannot be removed. [Private repository](../guides/first-image.md#private-repository) compares the choices.',
    fix: 'Sign with a key, set `signing-config: github` with its `trusted-root`, use your own Sigstore, or set `public-log: allow`.',
  },
  'signing-config-unusable': {
    code: 'TG7105',
    kind: 'bad-input',
    title: 'The signing config cannot be used',
    cause: 'The file is not a signing config v0.2, or lacks a service that the inputs ask for.',
    fix: 'Use a signing config as written by `cosign signing-config create`.',
  },
  'trusted-root-unusable': {
    code: 'TG7106',
    kind: 'bad-input',
    title: 'The trusted root cannot be used',
    cause: 'The file cannot be read, or is not a trusted root.',
    fix: 'Use a `trusted_root.json` written by `cosign trusted-root create` or `gh attestation trusted-root`.',
  },
  'signing-service-unreachable': {
    code: 'TG7201',
    kind: 'network',
    title: 'A signing service did not respond',
    cause:
      'The certificate authority, transparency log or timestamp authority is not reachable, or responded with something unexpected, also after retries.',
    fix: 'Run the job again. For your own services, check the URLs in `signing-config`.',
  },
  'signing-service-rejected': {
    code: 'TG7202',
    kind: 'signature',
    title: 'A signing service rejected the request',
    cause:
      'The certificate authority, transparency log or timestamp authority responded, but issued nothing. The message quotes it.',
    fix: 'Follow the message of the service, or contact its operator.',
  },
  'log-entry-exists': {
    code: 'TG7203',
    kind: 'signature',
    title: 'The transparency log already has this signature',
    cause: 'RSA signatures of the same statement are identical, and the log returns an entry only once.',
    fix: 'Sign with an EC key, use the layout that was signed first, or remove rekor from `witness`.',
  },
  'log-key-unsupported': {
    code: 'TG7204',
    kind: 'signature',
    title: 'The transparency log does not support this key',
    cause: 'Rekor accepts signatures of EC and RSA keys of some sizes only.',
    fix: 'Use an EC P-256 or RSA key, or remove rekor from `witness`.',
  },
  'kms-mismatch': {
    code: 'TG7205',
    kind: 'signature',
    title: 'A signature does not match its public key',
    cause: 'The key service or token signed with another key, or with another hash, than its public key says.',
    fix: 'Check that the key allows signing with SHA-256, and that it was not rotated during the run.',
  },
  'cosign-without-pkcs11': {
    code: 'TG7206',
    kind: 'tool',
    title: 'This cosign does not support PKCS #11',
    cause: 'Keys in a PKCS #11 token need the variant of cosign that is built with PKCS #11.',
    fix: 'Set `tools` to a folder with `cosign-linux-pivkey-pkcs11key-amd64` of the same version from the Sigstore releases.',
  },
  'signature-invalid': {
    code: 'TG7301',
    kind: 'signature',
    title: 'Signature verification failed',
    cause:
      'The signature, its log entry or its timestamp does not belong to this image, or was made by another signer.',
    fix: 'Do not use this image unless you know the cause: check the digest, the trusted root and the expected signer.',
  },
  'certificate-invalid': {
    code: 'TG7302',
    kind: 'signature',
    title: 'The signing certificate is not valid',
    cause: 'The certificate was not issued as Sigstore issues them.',
    fix: 'Do not use this image unless you know who issued the certificate.',
  },
  'checked-not-proven': {
    code: 'TG7303',
    kind: 'signature',
    title: 'The image to publish was not checked',
    cause:
      'publish.yml signs keyless only the output `checked` that commit-to-registry.yml of the same commit signed in the same run.',
    fix: 'Pass the output `checked` unchanged, and call both workflows with the same owner and ref.',
  },
} as const satisfies ErrorEntries;
