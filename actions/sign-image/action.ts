import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs, toolInputs } from '../support/inputs.ts';
import { signingInputs } from '../support/signing/signing-inputs.ts';

export const action = defineAction({
  name: 'sign-image',
  title: 'Tidegate: sign image',
  description: 'Sign an image and all its evidence, inside the layout, as Sigstore bundles that cosign reads.',
  branding: { icon: 'edit-3', color: 'blue' },
  inputs: {
    ...signingInputs,
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have, from a job that is trusted. Anything else is not signed.',
    },
    ...toolInputs,
    ...layoutInputs,
  },
  outputs: {
    ...layoutOutputs,
    signatures: { description: 'How many bundles the layout now holds.' },
    signer: { description: 'Who signed: the fingerprint of the public key, or the identity in the certificate.' },
    'public-key': { description: 'The public key, PEM; empty where signing is keyless.' },
  },
});
