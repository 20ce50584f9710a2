import type { InputSpec } from '@tidegate/runner';
import { publicLogInput } from '../reports/public-log-inputs.ts';
import { signingModeInput } from './signing-mode.ts';

/** Inputs of signing. */
export const signingInputs = {
  ...signingModeInput,
  key: {
    type: 'string',
    secret: true,
    description:
      "Private key: PEM text (SEC 1, PKCS #8, cosign), a path, or a KMS URI of cosign: `awskms://`, `gcpkms://`, `azurekms://`, `hashivault://`, `k8s://`, `pkcs11:` (needs `COSIGN_PKCS11_PIN` and cosign's PKCS #11 build in `tools`).",
  },
  'key-password': {
    type: 'string',
    secret: true,
    description: 'Password of the private key, if it is encrypted.',
  },
  'identity-token': {
    type: 'string',
    secret: true,
    description:
      "OpenID Connect token for keyless signing, or the path of a file with one. Default: `SIGSTORE_ID_TOKEN`, else GitHub's token (`id-token: write`).",
  },
  witness: {
    type: 'list',
    commas: true,
    description:
      'Where signatures are recorded: `rekor` (public log), `timestamp` (RFC 3161), or `none`. Default: all that the services offer if keyless; none with a key.',
  },
  'signing-config': {
    type: 'string',
    path: true,
    words: ['public-good', 'github'],
    default: 'public-good',
    description:
      "Sigstore services: `public-good`, `github` (GitHub's own, for private repositories), or your own signing config: path or https URL.",
  },
  ...publicLogInput,
  'trusted-root': {
    type: 'string',
    path: true,
    description:
      'Trusted root (path or https URL) to verify keyless signatures with. Required for these unless `signing-config` is `public-good`.',
  },
  'identity-audience': {
    type: 'choice',
    choices: ['sigstore', 'signing-config'],
    default: 'sigstore',
    description:
      "Audience of GitHub's identity token: `sigstore`, or `signing-config`, the URL of your own signing config, whose Fulcio must accept it. Public Sigstore rejects such tokens.",
  },
  'on-outage': {
    type: 'choice',
    choices: ['wait', 'fallback', 'fail'],
    default: 'wait',
    description:
      'If a Sigstore service does not respond: `wait` and retry, `fallback` to the next service in the signing config, or `fail`.',
  },
  'outage-patience': {
    type: 'duration',
    default: '10m',
    description: 'Maximum time to retry with `on-outage: wait`.',
  },
} as const satisfies Record<string, InputSpec>;
