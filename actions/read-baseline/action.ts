import { defineAction } from '@tidegate/runner';
import { action as push } from '../push-image/action.ts';
import { registryInputs, toolInputs } from '../support/inputs.ts';
import { signingInputs } from '../support/signing/signing-inputs.ts';

export const action = defineAction({
  name: 'read-baseline',
  title: 'Tidegate: read baseline',
  description:
    "Read the findings of the live image from scans that this run's signer has signed. For the preset no-worse, if scan-image has no access to the registry and the signer.",
  branding: { icon: 'rewind', color: 'blue' },
  inputs: {
    image: {
      ...push.inputs.image,
      description:
        'Repository to publish to, as in `push-image`. Of several, a finding counts as live if the live image of each has it.',
    },
    tags: push.inputs.tags,
    flavor: push.inputs.flavor,
    latest: push.inputs.latest,
    ...signingInputs,
    ...registryInputs,
    'destination-auths': push.inputs['destination-auths'],
    'registry-identities': push.inputs['registry-identities'],
    ...toolInputs,
  },
  outputs: {
    'baseline-path': { description: 'File with the findings of the live image. For `baseline` of `scan-image`.' },
    'baseline-sha256': { description: 'SHA-256 of that file. For `baseline-sha256`.' },
    reference: { description: 'Live image by digest, of the first repository; empty if there is nothing to compare.' },
    why: { description: 'Reason in one sentence why there is nothing to compare; otherwise empty.' },
  },
});
