/** Inputs that decide on tags and publication, alike in every way of use: the image and its labels are then alike too. */
import type { InputSpec } from '@tidegate/runner';

export const tagInputs = {
  tags: {
    type: 'list',
    default: 'auto',
    description:
      'Tag rules, one a line: `auto`, `semver`, `branch`, `tag`, `sha`, `schedule`, `pr`, `latest`, `raw=TAG`. [All rules](https://github.com/tidegate/tidegate/blob/main/docs/tags.md).',
  },
  latest: {
    type: 'choice',
    choices: ['auto', 'true', 'false'],
    default: 'auto',
    description: 'Whether `latest` moves: `auto` moves it to the newest stable version only.',
  },
} as const satisfies Record<string, InputSpec>;

export const publishBranchesInput = {
  'publish-branches': {
    type: 'list',
    commas: true,
    description:
      'Branches whose pushes are published, with `*` and `**`: `release/*`. Default: the default branch. Tags are always published.',
  },
} as const satisfies Record<string, InputSpec>;
