/** Inputs that several actions share, said once. */
import type { InputSpec } from '@tidegate/runner';

export const layoutInputs = {
  layout: {
    type: 'string',
    description:
      'Folder of the OCI image layout. Default: the layout that `build-image` made earlier in this job (below `RUNNER_TEMP`).',
  },
  name: {
    type: 'string',
    description: 'Name of the image within this job. Only needed when one job makes several images.',
  },
} as const satisfies Record<string, InputSpec>;

export const toolInputs = {
  tools: {
    type: 'string',
    description:
      'Folder of your own `buildkitd`, `buildx`, `syft`, `grype` or `cosign`: an absolute path outside of the workspace. Default: pinned releases, verified by SHA-256.',
  },
  'tools-mirror': {
    type: 'string',
    description:
      'Base URL that stands in for `https://github.com` when tools are downloaded. What it serves is held against the same pins.',
  },
} as const satisfies Record<string, InputSpec>;

export const registryInputs = {
  'registry-username': {
    type: 'string',
    description: "User for the image's registry. Default: docker's own configuration and credential helpers.",
  },
  'registry-password': {
    type: 'string',
    secret: true,
    description: "Password or token for the image's registry. Sent to that host only.",
  },
  token: {
    type: 'string',
    secret: true,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner evaluates it.
    default: '${{ github.token }}',
    description:
      'GitHub token: asks GitHub for tags and dates that the checkout does not hold, and logs in to `ghcr.io` when no other credential is there, and gives GitHub the reports that you ask for. Sent nowhere else.',
  },
  'insecure-registries': {
    type: 'list',
    commas: true,
    description: 'Hosts to reach over plain HTTP. On loopback, HTTPS is tried first, then plain HTTP.',
  },
} as const satisfies Record<string, InputSpec>;

export const layoutOutputs = {
  layout: { description: 'Folder of the OCI image layout.' },
  digest: { description: 'Digest of the image: of its index, or of its manifest where it has one platform.' },
  platforms: { description: 'JSON object: platform to the digest of its manifest.' },
} as const;
