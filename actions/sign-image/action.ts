import { defineAction } from '@tidegate/runner';
import { layoutInputs, layoutOutputs, toolInputs } from '../support/inputs.ts';
import { expectedLayoutInput } from '../support/registry/expected-digest.ts';
import { predicateInputs } from '../support/signing/predicates-inputs.ts';
import { signingInputs } from '../support/signing/signing-inputs.ts';

export const action = defineAction({
  name: 'sign-image',
  title: 'Tidegate: sign image',
  description: 'Sign an image and all its evidence, inside the layout, as Sigstore bundles that cosign reads.',
  branding: { icon: 'edit-3', color: 'blue' },
  inputs: {
    ...signingInputs,
    ...predicateInputs,
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have, from a trusted job. No other digest is signed.',
    },
    ...expectedLayoutInput,
    checked: {
      type: 'string',
      description:
        'Output `checked` of `sign-checked`. Keyless, only what commit-to-registry.yml checked in this run is signed. For publish.yml.',
    },
    'output-bundles-dir': {
      type: 'string',
      path: true,
      description:
        'Folder for bundles of exported files (`outputs` of `build-image`), such as that of the files. Default: they are not signed.',
    },
    ...toolInputs,
    ...layoutInputs,
  },
  outputs: {
    ...layoutOutputs,
    signatures: { description: 'Number of bundles in the layout.' },
    signer: { description: 'Signer: the fingerprint of the public key, or the identity in the certificate.' },
    'output-bundles': {
      description:
        'Bundles of exported files (`outputs` of `build-image`), one path per line. For `cosign verify-blob-attestation`.',
    },
    'public-key': { description: 'Public key (PEM); empty if signing is keyless.' },
  },
});
