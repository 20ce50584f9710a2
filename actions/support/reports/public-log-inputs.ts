import type { InputSpec } from '@tidegate/runner';

export const publicLogInput = {
  'public-log': {
    type: 'choice',
    choices: ['refuse', 'allow'],
    default: 'refuse',
    description:
      "Keyless signing of a private or internal repository with public Sigstore, which publishes the repository's name forever: `refuse` or `allow`.",
  },
} as const satisfies Record<string, InputSpec>;
