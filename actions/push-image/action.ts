import { defineAction } from '@tidegate/runner';
import { action as plan } from '../plan/action.ts';
import { layoutInputs, layoutOutputs, registryInputs } from '../support/inputs.ts';
import { publishBranchesInput, tagInputs } from '../support/plan-inputs.ts';
import { evidenceInputs, findingInputs, policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';

export const action = defineAction({
  name: 'push-image',
  title: 'Tidegate: push image',
  description: 'Hold the gate, then push blobs, manifests and evidence, read them back, and set the tags last.',
  branding: { icon: 'upload-cloud', color: 'blue' },
  inputs: {
    image: plan.inputs.image,
    ...tagInputs,
    ...publishBranchesInput,
    ...evidenceInputs,
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have, from a job that is trusted. Anything else is refused.',
    },
    'verification-key': {
      type: 'string',
      multiline: true,
      description:
        'Public key (PEM text or path) that signatures must verify with. Default: the key `sign-image` used in this job.',
    },
    ...policyFileInput,
    ...findingInputs,
    ...policyDocumentInputs,
    'immutable-tags': {
      type: 'boolean',
      default: 'false',
      description: 'Refuse to move a version tag (such as `1.2.3`) that already points to another digest.',
    },
    ...registryInputs,
    ...layoutInputs,
  },
  outputs: {
    ...layoutOutputs,
    published: {
      description:
        '`true` when the image was pushed, `false` on a pull request, and on a branch that does not publish.',
    },
    reference: { description: 'The image by digest: `registry/repository@sha256:…`.' },
    references: { description: 'JSON array: every tag that was set, as a full reference.' },
    report: {
      description: 'JSON: blobs sent, mounted, skipped and resumed, bytes and rate, and the result of each tag.',
    },
  },
});
