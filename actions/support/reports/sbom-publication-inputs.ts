import type { InputSpec } from '@tidegate/runner';

export const sbomPublicationInputs = {
  'dependency-snapshot': {
    type: 'boolean',
    default: 'false',
    description:
      "Submit the image's packages to GitHub's dependency graph, so that Dependabot alerts on them. The job needs `contents: write`.",
  },
  'release-assets': {
    type: 'boolean',
    default: 'false',
    description:
      'Attach the SPDX and CycloneDX files to the release of the built tag, which must be a draft if releases are immutable. The job needs `contents: write`.',
  },
} as const satisfies Record<string, InputSpec>;
