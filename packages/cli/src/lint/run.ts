import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { lintPaths } from '../../../../actions/lint-source/run.ts';
import type { action } from './action.ts';

export async function run({ paths, ...inputs }: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  return lintPaths(inputs, paths.length > 0 ? paths : undefined, job);
}
