import { defineAction } from '@tidegate/runner';
import { signingInputs } from '../support/signing/signing-inputs.ts';

/** A proof is about one run, and needs no record; a key would prove nothing about the workflow. */
const { signing: _, key: __, 'key-password': ___, witness: ____, ...keylessInputs } = signingInputs;

export const action = defineAction({
  name: 'sign-checked',
  title: 'Tidegate: sign what was checked',
  description:
    'Sign what commit-to-registry.yml hands over to publish.yml, so that publish.yml signs nothing else. A step of that workflow.',
  branding: { icon: 'link', color: 'blue' },
  inputs: {
    checked: {
      type: 'string',
      required: true,
      description:
        'Checked values, as JSON: artifact ids, digests and tags. Take them from outputs of trusted jobs only.',
    },
    ...keylessInputs,
  },
  outputs: {
    checked: { description: 'The same with a proof, for `checked` of publish.yml.' },
  },
});
