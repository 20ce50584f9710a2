import { defineAction } from '@tidegate/runner';
import { registryInputs } from '../../../../actions/support/inputs.ts';
import { evidenceInputs, findingInputs, policyFileInput } from '../../../../actions/support/policy/inputs.ts';
import { signerFlags } from '../signer-flags.ts';

/** Declared like an action, so that flags, secrets, result and errors work as in the other commands. */
export const action = defineAction({
  name: 'policy-test',
  title: 'tidegate policy test',
  description: 'Judge published images under a proposed policy, or at a future date, by their published evidence.',
  branding: { icon: 'clipboard', color: 'blue' },
  inputs: {
    image: {
      type: 'list',
      required: true,
      description: 'Published image with a tag or digest, one per line; with `all-tags`, repositories.',
    },
    'all-tags': {
      type: 'boolean',
      default: 'false',
      description: 'Judge every tag of the repository, without those of signatures and caches.',
    },
    at: {
      type: 'string',
      description:
        'Time to judge at, as a date: exceptions that expire and evidence that ages count then. Default: now.',
    },
    ...policyFileInput,
    ...findingInputs,
    ...evidenceInputs,
    ...signerFlags,
    ...registryInputs,
  },
  outputs: {
    verdict: { description: '`pass` if every image passes, else `fail`.' },
    failed: { description: 'Number of images or tags that fail.' },
    judged: {
      json: true,
      description:
        'JSON array with `image`, `digest`, `passed`, `rules` and `notJudged` of each image, or its `error`.',
    },
    table: { description: 'Each image with its result, one per line.' },
  },
});
