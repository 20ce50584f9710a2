/**
 * Inputs that decide on tags and publication, the same in all actions, so that the image and its labels are the same,
 * too.
 */
import { badInput, type TagOptions } from '@tidegate/core';
import type { InputSpec, Job } from '@tidegate/runner';

export const tagInputs = {
  tags: {
    type: 'list',
    default: 'auto',
    description:
      'Tag rules, one per line: `auto`, `semver`, `branch`, `sha`, `raw=TAG`, or lines of docker/metadata-action. [All rules](https://github.com/tidegate/tidegate/blob/main/docs/tags.md).',
  },
  flavor: {
    type: 'list',
    description:
      'Prefix and suffix of every tag, one per line, as in docker/metadata-action: `suffix=-alpine,onlatest=true`, `prefix=TEXT`, `latest=false`.',
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

/** The inputs that decide on tags, in every action: the rules, the flavor, and the clock. */
export function tagOptions(
  inputs: { readonly tags: readonly string[]; readonly flavor: readonly string[] },
  job: Pick<Job, 'env' | 'clock'>,
): TagOptions {
  return { tags: inputs.tags, flavor: inputs.flavor, now: job.clock(), shortSha: shortSha(job.env) };
}

const SHORT_SHA = 'DOCKER_METADATA_SHORT_SHA_LENGTH';

/** docker/metadata-action, README, "environment variables". A moved workflow may set it. */
function shortSha(env: Job['env']): number | undefined {
  const text = env[SHORT_SHA];
  if (!text) return undefined;
  if (/^[0-9]{1,2}$/.test(text) && Number(text) >= 7) return Number(text);
  throw badInput('input-format-wrong', SHORT_SHA, text, 'a number from 7', 'Correct the variable, or remove it.');
}

/** A branch with a version from `value=` is compared with the git tags, which are not read otherwise. */
export function gitNeed(tags: readonly string[]): 'publication' | 'versions' {
  const isVersion = (line: string) => ['semver', 'pep440', 'match'].some((type) => line.includes(`type=${type}`));
  return tags.some((line) => isVersion(line) && line.includes('value=')) ? 'versions' : 'publication';
}
