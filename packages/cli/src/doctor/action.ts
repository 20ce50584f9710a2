import { defineAction } from '@tidegate/runner';
import { databaseInputs } from '../../../../actions/support/database-inputs.ts';
import { registryInputs, toolInputs } from '../../../../actions/support/inputs.ts';

/** Declared like an action, so that flags, secrets, result and errors work as in the other commands. */
export const action = defineAction({
  name: 'doctor',
  title: 'tidegate doctor',
  description: 'Check whether this machine can build, scan, sign and push.',
  branding: { icon: 'activity', color: 'blue' },
  inputs: {
    image: {
      type: 'string',
      description: 'Repository to push to: also check its registry, the login, and the permission to push.',
    },
    platforms: {
      type: 'list',
      commas: true,
      description: 'Platforms to build: also check QEMU for those of other processors.',
    },
    builder: { type: 'string', description: 'Named buildx builder that will be used.' },
    'db-mirror': databaseInputs['db-mirror'],
    ...toolInputs,
    ...registryInputs,
  },
  outputs: {
    checks: {
      json: true,
      description: 'JSON array with `name`, `status` (`ok`, `warning`, `failed`), `detail` and `fix` of each check.',
    },
    failed: { description: 'Number of failed checks.' },
  },
});
