import { defineAction } from '@tidegate/runner';
import { registryInputs } from '../../../../actions/support/inputs.ts';
import { evidenceInputs, findingInputs, policyFileInput } from '../../../../actions/support/policy/inputs.ts';

/** Declared like an action, so that flags, result and errors work as in the other commands. */
export const action = defineAction({
  name: 'policy-show',
  title: 'tidegate policy show',
  description: 'Print the effective policy: preset, file of the work tree, what it extends, and flags.',
  branding: { icon: 'clipboard', color: 'blue' },
  inputs: {
    ...policyFileInput,
    ...findingInputs,
    ...evidenceInputs,
    token: registryInputs.token,
    'insecure-registries': registryInputs['insecure-registries'],
  },
  outputs: {
    preset: { description: 'Preset and version that the policy starts from.' },
    digest: { description: 'Digest of the policy document, which verdicts name.' },
    file: { description: 'The policy as a policy file, with all defaults and without extends.' },
    policy: { json: true, description: 'The policy document, as JSON.' },
  },
});
