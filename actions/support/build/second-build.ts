import { resolve } from 'node:path';
import { badInput, isRecord, parsedJson } from '@tidegate/core';
import { openTarget, type SecondBuild } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { assertExpected } from '../registry/expected-digest.ts';
import type { FirstBuildInputs } from './second-build-inputs.ts';

interface RunnerIdentity {
  readonly environment?: string | undefined;
  readonly name?: string | undefined;
  readonly job?: string | undefined;
}

/** This runner for `first-runner` of another job. */
export function thisRunner({ env }: Job): string {
  return JSON.stringify(identityOf(env));
}

function identityOf(env: Job['env']): RunnerIdentity {
  return { environment: env.RUNNER_ENVIRONMENT, name: env.RUNNER_NAME, job: env.GITHUB_JOB };
}

/**
 * Which second build `reproducible: check` asks for: one in this job, or this one as the second of another job's.
 * @throws TidegateError `bad-input`; `integrity` if the layout has another image than the digest
 */
export async function secondBuild(
  inputs: { readonly reproducible: 'off' | 'check'; readonly 'buildkit-state'?: string } & FirstBuildInputs,
  job: Job,
): Promise<SecondBuild | undefined> {
  const { 'first-layout': layout = '', 'first-digest': digest = '', 'first-runner': runner = '' } = inputs;
  if (layout === '') {
    for (const [name, value] of Object.entries({ 'first-digest': digest, 'first-runner': runner })) {
      if (value !== '')
        throw badInput('input-conflict', name, value, 'no value, because first-layout is not set', 'Remove it.');
    }
  }
  const here = identityOf(job.env);
  const { environment } = here;
  if (inputs.reproducible === 'off') {
    if (layout === '') return undefined;
    throw badInput(
      'input-conflict',
      'first-layout',
      layout,
      'no value, because reproducible is off',
      'Set reproducible: check.',
    );
  }
  if (layout === '') return { runners: [{ environment }] };
  if (digest === '') {
    throw badInput(
      'input-missing',
      'first-digest',
      '',
      'the digest of first-layout',
      'Pass on the output digest of the job that built it.',
    );
  }
  const { 'buildkit-state': state = '' } = inputs;
  if (state !== '') {
    // BuildKit unpacks a base image once, and does not verify it again.
    throw badInput(
      'input-conflict',
      'buildkit-state',
      state,
      'no value, because first-layout is set: the first build may have changed unpacked base images',
      'Remove it from the second build.',
    );
  }
  const first = await openTarget(resolve(job.workspace, layout));
  assertExpected(first, digest, 'first-digest');
  const there = runner === '' ? {} : readRunner(runner);
  job.log.info(`First build: runner ${there.name ?? 'unknown'}. This one: ${here.name ?? 'unknown'}.`);
  const runners = isAnother(there, here)
    ? ([{ environment: there.environment }, { environment }] as const)
    : ([{ environment }] as const);
  return { first, runners };
}

/**
 * Names of runners are not unique (docs.github.com, variables reference, RUNNER_NAME), but each job on a GitHub-hosted
 * runner has a machine of its own.
 */
function isAnother(one: RunnerIdentity, other: RunnerIdentity): boolean {
  const differ = (name: keyof RunnerIdentity) =>
    one[name] !== undefined && other[name] !== undefined && one[name] !== other[name];
  return differ('name') || (other.environment === 'github-hosted' && differ('job'));
}

function readRunner(text: string): RunnerIdentity {
  const value = parsedJson(text);
  if (!isRecord(value) || Object.values(value).some((one) => typeof one !== 'string')) {
    throw badInput(
      'input-format-wrong',
      'first-runner',
      text,
      'the output runner of build-image',
      'Pass on the output of the job that built first-layout.',
    );
  }
  return value;
}
