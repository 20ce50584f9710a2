/** Inputs that several actions share. */
import type { InputSpec } from '@tidegate/runner';

export const layoutInputs = {
  layout: {
    type: 'string',
    path: true,
    description:
      'Folder of the OCI image layout. Default: the layout that `build-image` made earlier in this job (below `RUNNER_TEMP`).',
  },
  name: {
    type: 'string',
    description: 'Name of the image within this job. Required only if one job builds several images.',
  },
} as const satisfies Record<string, InputSpec>;

export const toolInputs = {
  tools: {
    type: 'string',
    path: 'of-programs',
    description:
      "Folder with your own `buildkitd`, `buildx`, `syft`, `grype` or `cosign`: absolute path outside the workspace. Default: pinned releases, verified by SHA-256, or the runner's buildx.",
  },
  'tools-mirror': {
    type: 'string',
    description: 'Base URL that replaces `https://github.com` for tool downloads. The same pinned checksums apply.',
  },
} as const satisfies Record<string, InputSpec>;

export const dockerAttestationsInput = {
  'docker-attestations': {
    type: 'boolean',
    default: 'false',
    description:
      "Also add SBOM and provenance to the image's index as BuildKit does, for Docker's tools and Docker Scout. The image's digest is then another one in each run.",
  },
} as const satisfies Record<string, InputSpec>;

export const registryInputs = {
  'registry-username': {
    type: 'string',
    description: "User name for the image's registry. Default: docker's configuration and credential helpers.",
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
      'GitHub token for tags and dates missing from the checkout, requested reports, and `ghcr.io` if there are no other credentials. Sent nowhere else.',
  },
  'insecure-registries': {
    type: 'list',
    commas: true,
    description: 'Hosts to reach over plain HTTP. On loopback, HTTPS is tried first, then plain HTTP.',
  },
} as const satisfies Record<string, InputSpec>;

export const layoutOutputs = {
  layout: { description: 'Folder of the OCI image layout.' },
  digest: { description: 'Digest of the image: of its index, or of its manifest if it has one platform.' },
  platforms: { json: true, description: 'JSON object that maps each platform to the digest of its manifest.' },
} as const;
