import type { InputSpec } from '@tidegate/runner';

/** Whose signatures count on what is published. */
export const signerInputs = {
  workflow: {
    type: 'string',
    description:
      'Workflow whose signatures count (keyless): `owner/repository/.github/workflows/FILE.yml`, with `@REF` where only that version of it counts.',
  },
  'source-repository': {
    type: 'string',
    description:
      "Repository that must have been built: `owner/repository`. Default: the workflow's own; required for workflows that other repositories call, such as `commit-to-registry.yml`.",
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
    description: 'Instead of `workflow`: the exact identity (SAN) of the certificate, such as an e-mail address.',
  },
  'certificate-oidc-issuer': {
    type: 'string',
    default: 'https://token.actions.githubusercontent.com',
    description: 'Exact OpenID Connect issuer that must have vouched for the identity.',
  },
  'verification-key': {
    type: 'string',
    multiline: true,
    description: 'Public key (PEM text or path) whose signatures count.',
  },
} as const satisfies Record<string, InputSpec>;
