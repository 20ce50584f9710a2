import { defineAction } from '@tidegate/runner';
import { action as push } from '../push-image/action.ts';
import { registryInputs, toolInputs } from '../support/inputs.ts';
import { signingInputs } from '../support/signing/signing-inputs.ts';

export const action = defineAction({
  name: 'read-baseline',
  title: 'Tidegate: read baseline',
  description:
    'Read which findings the live image has, from scans that this signer has signed. For the preset no-worse, where scan-image has neither the registry nor the signer.',
  branding: { icon: 'rewind', color: 'blue' },
  inputs: {
    image: push.inputs.image,
    tags: push.inputs.tags,
    latest: push.inputs.latest,
    ...signingInputs,
    ...registryInputs,
    ...toolInputs,
  },
  outputs: {
    'baseline-path': { description: 'File with the findings of the live image. For `baseline` of `scan-image`.' },
    'baseline-sha256': { description: 'SHA-256 of that file. For `baseline-sha256`.' },
    reference: { description: 'The live image, by digest; empty when nothing can be compared.' },
    why: { description: 'One sentence: why nothing can be compared; else empty.' },
  },
});
