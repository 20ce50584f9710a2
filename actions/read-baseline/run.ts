import { formatReference, parseReference } from '@tidegate/core';
import { announceBaseline } from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { liveBaseline, writeBaseline } from '../support/baseline.ts';
import { withServices } from '../support/services.ts';
import type { action } from './action.ts';

/** Reads the registry and decides nothing: the gate decides, in the step that reads the baseline file. */
export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  job.log.info(`Read the findings of the live image of ${inputs.image}; nothing is published.`);
  const baseline = await withServices(job, inputs, (services) => liveBaseline(inputs.image, inputs, job, services));
  announceBaseline(baseline, job.log);
  const { path, sha256 } = await writeBaseline(baseline, job);
  const { live: [live] = [], why = '' } = baseline;
  return {
    'baseline-path': path,
    'baseline-sha256': sha256,
    reference: live ? formatReference({ ...parseReference(live.repository), digest: live.digest }) : '',
    why,
  };
}
