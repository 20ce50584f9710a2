import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs, registryInputs } from '../support/inputs.ts';
import { keepScansInput } from '../support/keep-scans.ts';
import { publishBranchesInput, tagInputs } from '../support/plan-inputs.ts';
import { evidenceInputs, findingInputs, policyDocumentInputs, policyFileInput } from '../support/policy/inputs.ts';
import { expectedLayoutInput } from '../support/registry/expected-digest.ts';
import { githubAttestationsInput } from '../support/registry/github-attestations-inputs.ts';
import { destinationAuthsInput } from '../support/registry/registry-auths.ts';
import { registryIdentitiesInput } from '../support/registry/registry-identities-inputs.ts';

export const action = defineAction({
  name: 'push-image',
  title: 'Tidegate: push image',
  description: 'Apply the gate, push blobs, manifests and evidence, read them back, and set the tags last.',
  branding: { icon: 'upload-cloud', color: 'blue' },
  inputs: {
    image: {
      type: 'list',
      required: true,
      description:
        'Repository to publish to, without a tag: `ghcr.io/acme/app`. Several: one per line. Upper case is converted to lower case.',
    },
    ...tagInputs,
    ...publishBranchesInput,
    ...evidenceInputs,
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have, from a trusted job. Any other digest fails.',
    },
    ...expectedLayoutInput,
    'verification-key': {
      type: 'string',
      path: true,
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
    ...keepScansInput,
    ...githubAttestationsInput,
    ...registryInputs,
    ...destinationAuthsInput,
    ...registryIdentitiesInput,
    ...layoutInputs,
  },
  outputs: {
    ...layoutOutputs,
    published: {
      description: '`true` if the image was pushed; `false` on a pull request and on a branch that does not publish.',
    },
    reference: {
      description: 'Image by digest: `registry/repository@sha256:…`. With several destinations, in the first.',
    },
    'all-references': { description: 'Image by digest in every destination, one per line.' },
    'all-tags': { description: 'Every tag that was set in every destination, as a full reference, one per line.' },
    references: { json: true, description: 'JSON array of every tag that was set, as a full reference.' },
    report: {
      json: true,
      description:
        'JSON object with the blobs uploaded, mounted, skipped and resumed, bytes and rate, and the result of each tag. With several destinations, of the first; `others` lists the rest.',
    },
  },
});
