import { defineAction } from '@tidegate/runner';
import { action as plan } from '../plan/action.ts';
import { layoutInputs, layoutOutputs, registryInputs } from '../support/inputs.ts';
import { publishBranchesInput, tagInputs } from '../support/plan-inputs.ts';
import { evidenceInputs, findingInputs, policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';

export const action = defineAction({
  name: 'push-image',
  title: 'Tidegate: push image',
  description: 'Apply the gate, push blobs, manifests and evidence, read them back, and set the tags last.',
  branding: { icon: 'upload-cloud', color: 'blue' },
  inputs: {
    image: plan.inputs.image,
    ...tagInputs,
    ...publishBranchesInput,
    ...evidenceInputs,
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have, from a trusted job. Any other digest fails.',
    },
    'verification-key': {
      type: 'string',
      multiline: true,
      description:
        'Public key (PEM text or path) to verify signatures with. Default: the key `sign-image` used in this job.',
    },
    ...policyFileInput,
    ...findingInputs,
    ...policyDocumentInputs,
    'immutable-tags': {
      type: 'boolean',
      default: 'false',
      description: 'Fail instead of moving a version tag (such as `1.2.3`) that already points to another digest.',
    },
    ...registryInputs,
    ...layoutInputs,
  },
  outputs: {
    ...layoutOutputs,
    published: {
      description: '`true` if the image was pushed; `false` on a pull request and on a branch that does not publish.',
    },
    reference: { description: 'Image by digest: `registry/repository@sha256:…`.' },
    references: { description: 'JSON array of every tag that was set, as a full reference.' },
    report: {
      description:
        'JSON object with the blobs uploaded, mounted, skipped and resumed, bytes and rate, and the result of each tag.',
    },
  },
});
