import type { InputSpec } from '@tidegate/runner';

export const githubAttestationsInput = {
  'github-attestations': {
    type: 'boolean',
    default: 'false',
    description:
      "Also store the signed provenance and SBOMs in GitHub's attestation store, before any tag. Needs `attestations: write` and keyless signing.",
  },
} as const satisfies Record<string, InputSpec>;
