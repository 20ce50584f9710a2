import { join } from 'node:path';
import type { BundleResult } from '@tidegate/testkit';
import { type ActionName, type Job, type JobOptions, newJob, succeeded } from './job.ts';
import type { Suite } from './suite.ts';

/** The steps of a job; each is a state of its layout. */
const STEPS = [
  ['built', 'build-image'],
  ['cataloged', 'generate-sbom'],
  ['scanned', 'scan-image'],
  ['signed', 'sign-image'],
] as const satisfies readonly (readonly [string, ActionName])[];
type Stage = (typeof STEPS)[number][0];

export interface Staged {
  readonly job: Job;
  readonly layout: string;
  /** Digest of the image. */
  readonly digest: string;
}

/** Jobs that have reached a stage, each a separate copy of one that was run once. */
export type Stages = (stage: Stage, of?: Options) => Promise<Staged>;

interface Options extends Pick<JobOptions, 'app'> {
  /** Inputs of build-image, for another image than the usual one. */
  readonly build?: Readonly<Record<string, string>>;
}

export function stagesOf(suite: Suite): Stages {
  const made = new Map<string, Promise<{ job: Job; outputs: BundleResult['outputs'] }>>();
  const reach = (stage: Stage, of: Options): Promise<{ job: Job; outputs: BundleResult['outputs'] }> => {
    const name = JSON.stringify([stage, of]);
    const known = made.get(name);
    if (known) return known;
    const fresh = (async () => {
      const at = STEPS.findIndex(([each]) => each === stage);
      const [, action] = STEPS[at] ?? STEPS[0];
      const before = STEPS[at - 1];
      const earlier = before && (await reach(before[0], of));
      const job = await newJob(suite, { ...of, ...(earlier ? { after: earlier.job } : {}) });
      const { outputs } = await succeeded(job.run(action, at === 0 ? (of.build ?? {}) : {}));
      return { job, outputs };
    })();
    made.set(name, fresh);
    return fresh;
  };
  return async (stage, of = {}) => {
    const { job: template, outputs } = await reach(stage, of);
    const job = await newJob(suite, { ...of, after: template });
    return { job, layout: join(job.temp, 'tidegate', 'image', 'layout'), digest: outputs.digest ?? '' };
  };
}
