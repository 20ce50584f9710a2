import { provenChecked, readChecked } from '@tidegate/attest';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { NO_TOOLS, withServices } from '../support/services.ts';
import { signingOf } from '../support/signing/signing.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const checked = readChecked(inputs.checked);
  job.log.info(`Sign that ${checked.digest} was checked in this run; nothing is published.`);
  const without = { signing: 'keyless', key: '', 'key-password': '', witness: ['none'] } as const;
  const signing = await signingOf({ ...inputs, ...without }, job);
  return withServices(job, NO_TOOLS, async (services) => {
    const { keyless } = await signing(services);
    if (!keyless) throw new Error('A keyless run has no certificate.');
    return { checked: await provenChecked(checked, keyless) };
  });
}
