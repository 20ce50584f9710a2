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
      description: 'Digest the image must have, from a trusted job. The action signs no other digest.',
    },
    ...toolInputs,
    ...layoutInputs,
  },
  outputs: {
    ...layoutOutputs,
    signatures: { description: 'Number of bundles in the layout.' },
    signer: { description: 'Signer: the fingerprint of the public key, or the identity in the certificate.' },
    'public-key': { description: 'Public key (PEM); empty if signing is keyless.' },
  },
});
