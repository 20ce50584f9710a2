import type { InputSpec } from '@tidegate/runner';

export const buildkitdConfigInputs = {
  'buildkitd-config': {
    type: 'string',
    path: true,
    description:
      "File with settings for Tidegate's own BuildKit: registry mirrors, certificates, parallelism, DNS. [Settings](https://github.com/tidegate/tidegate/blob/main/docs/builders.md#settings-of-buildkit).",
  },
  'buildkitd-config-inline': {
    type: 'string',
    multiline: true,
    description: 'The same settings as text (TOML), in place of `buildkitd-config`.',
  },
} as const satisfies Record<string, InputSpec>;
