/**
 * Inputs that decide on tags and publication, the same in all actions, so that the image and its labels are the same,
 * too.
 */
import type { InputSpec } from '@tidegate/runner';

export const tagInputs = {
  tags: {
    type: 'list',
    default: 'auto',
    description:
      'Tag rules, one per line: `auto`, `semver`, `branch`, `tag`, `sha`, `schedule`, `pr`, `latest`, `raw=TAG`. [All rules](https://github.com/tidegate/tidegate/blob/main/docs/tags.md).',
  },
  latest: {
    type: 'choice',
    choices: ['auto', 'true', 'false'],
    default: 'auto',
    description: 'Whether to move `latest`: `auto` moves it to the newest stable version only.',
  },
} as const satisfies Record<string, InputSpec>;

export const publishBranchesInput = {
  'publish-branches': {
    type: 'list',
    commas: true,
    description:
      'Branches that publish on push, with `*` and `**`: `release/*`. Default: the default branch. Tags always publish.',
  },
} as const satisfies Record<string, InputSpec>;
