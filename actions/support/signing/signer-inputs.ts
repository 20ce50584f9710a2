import type { InputSpec } from '@tidegate/runner';

/** Trusted signers of a published image. */
export const signerInputs = {
  workflow: {
    type: 'string',
    description:
      'Workflow to trust (keyless): `owner/repository/.github/workflows/FILE.yml`; append `@REF` to trust only that version.',
  },
  'source-repository': {
    type: 'string',
    description:
      "Repository the image must be built from: `owner/repository`. Default: the workflow's own; required for reusable workflows such as `commit-to-registry.yml`.",
  },
  'runner-environment': {
    type: 'choice',
    choices: ['github-hosted', 'self-hosted', 'any'],
    optional: true,
    description:
      'Runner that the workflow must have run on: `github-hosted`, `self-hosted` or `any`. Default: `github-hosted`.',
  },
  'certificate-identity': {
    type: 'string',
    description: 'Exact identity (SAN) of the certificate, such as an e-mail address. Instead of `workflow`.',
  },
  'certificate-oidc-issuer': {
    type: 'string',
    default: 'https://token.actions.githubusercontent.com',
    description: 'Exact OpenID Connect issuer of the identity.',
  },
  'verification-key': {
    type: 'string',
    path: true,
    multiline: true,
    description: 'Public key (PEM text or path) to trust.',
  },
} as const satisfies Record<string, InputSpec>;
