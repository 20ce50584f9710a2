import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs } from '../support/inputs.ts';

export const action = defineAction({
  name: 'sign-image',
  title: 'Tidegate: sign image',
  description: 'Sign an image and all its evidence, inside the layout, as Sigstore bundles that cosign reads.',
  branding: { icon: 'edit-3', color: 'blue' },
  inputs: {
    key: {
      type: 'string',
      required: true,
      secret: true,
      description: "Private key: PEM text (SEC 1, PKCS #8 or cosign's encrypted file), or the path of such a file.",
    },
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have, from a job that is trusted. Anything else is not signed.',
    },
    'key-password': {
      type: 'string',
      secret: true,
      description: 'Password of the private key, where it is encrypted.',
    },
    ...layoutInputs,
  },
  outputs: {
    ...layoutOutputs,
    signatures: { description: 'How many bundles the layout now holds.' },
    signer: { description: 'Who signed: the fingerprint of the public key.' },
    'public-key': { description: 'The public key, PEM.' },
  },
});
