import type { InputSpec } from '@tidegate/runner';
import { publicLogInput } from '../reports/public-log.ts';
import { signingModeInput } from './signing-mode.ts';

/** How images are signed. */
export const signingInputs = {
  ...signingModeInput,
  key: {
    type: 'string',
    secret: true,
    description:
      "Private key: PEM text (SEC 1, PKCS #8 or cosign's encrypted file), or the path of such a file; or where it is held, as cosign names it: `awskms://`, `gcpkms://`, `azurekms://`, `hashivault://`, `k8s://`, `pkcs11:` (wants cosign's build for it in `tools`, and the PIN as `COSIGN_PKCS11_PIN`).",
  },
  'key-password': {
    type: 'string',
    secret: true,
    description: 'Password of the private key, where it is encrypted.',
  },
  'identity-token': {
    type: 'string',
    secret: true,
    description:
      'OpenID Connect token to sign keyless with, or the path of a file that holds one. Default: `SIGSTORE_ID_TOKEN`, else the one GitHub gives a job with `id-token: write`.',
  },
  witness: {
    type: 'list',
    commas: true,
    description:
      'Who testifies to signatures: `rekor` (a public log), `timestamp` (RFC 3161), or `none`. Default: both where signing is keyless and the services have both, none with a key.',
  },
  'signing-config': {
    type: 'string',
    default: 'public-good',
    description:
      "Sigstore services to sign with: `public-good`, `github` (GitHub's own, for private repositories), or a signing config of your own: path or https URL.",
  },
  ...publicLogInput,
  'trusted-root': {
    type: 'string',
    description:
      'Trusted root (path or https URL) that keyless signatures are verified with. Needed where `signing-config` is your own.',
  },
  'on-outage': {
    type: 'choice',
    choices: ['wait', 'fallback', 'fail'],
    default: 'wait',
    description:
      'When a Sigstore service does not answer: `wait` for it, `fallback` to the next one that the signing config names, or `fail`.',
  },
  'outage-patience': {
    type: 'duration',
    default: '10m',
    description: 'How long `wait` waits.',
  },
} as const satisfies Record<string, InputSpec>;
