import type { InputSpec } from '@tidegate/runner';

/** Of `build-image` alone: the root action builds twice in one job. */
export const firstBuildInputs = {
  'first-layout': {
    type: 'string',
    path: true,
    description:
      'Layout of this image from another job. With `reproducible: check`, this build is then the second one, and is compared with it.',
  },
  'first-digest': {
    type: 'string',
    description:
      'Digest of `first-layout`, from the output `digest` of `build-image` in a job output. Required with it.',
  },
  'first-runner': {
    type: 'string',
    description:
      'Runner of `first-layout`, from the output `runner` of `build-image` in a job output. Default: unknown, which counts as this one.',
  },
} as const satisfies Record<string, InputSpec>;

export type FirstBuildInputs = { readonly [K in keyof typeof firstBuildInputs]?: string };
