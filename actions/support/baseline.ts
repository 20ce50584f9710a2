import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  badInput,
  digestOf,
  formatReference,
  formatRepository,
  hexOf,
  makePlan,
  type PolicyDocument,
  type Repository,
  TidegateError,
} from '@tidegate/core';
import {
  announceBaseline,
  type Baseline,
  baselineDocument,
  MAX_BASELINE_BYTES,
  nothing,
  ofEarlierRuns,
  readBaseline,
  readBaselineDocument,
  type Services,
  underPolicy,
} from '@tidegate/pipeline';
import { gitStateOf, type Job } from '@tidegate/runner';
import { makeFolder } from '@tidegate/tools';
import { heldFile } from './build/held-file.ts';
import { gitNeed, tagOptions } from './plan-inputs.ts';
import { type DestinationInputs, destinationsOf } from './registry/destinations.ts';
import type { SigningInputs } from './signing/signing.ts';
import { signingMode } from './signing/signing-mode.ts';

const HELD = {
  input: 'baseline',
  writer: { action: 'read-baseline', output: 'baseline-sha256' },
  limit: MAX_BASELINE_BYTES,
} as const;

/** Reading is harmless on any branch: push-image applies `publish-branches` to the publication itself. */
export const ANY_BRANCH = ['**'];

export interface LiveInputs extends SigningInputs, DestinationInputs {
  readonly tags: readonly string[];
  readonly flavor: readonly string[];
  readonly latest: 'auto' | 'true' | 'false';
  readonly token: string;
}

/**
 * Read the findings of the live image from evidence that the signer of this run has signed. Without a signer, a tag or
 * a response there is nothing to compare, and one sentence says why.
 * @param images the repositories that the image is published to, without a tag
 */
export async function liveBaseline(
  images: readonly string[],
  inputs: LiveInputs,
  job: Job,
  services: Services,
): Promise<Baseline> {
  const { publish, tags, why, ...planned } = makePlan(await gitStateOf(job, inputs.token, gitNeed(inputs.tags)), {
    ...{ images, platforms: ['linux/amd64'], latest: inputs.latest, publishBranches: ANY_BRANCH },
    ...tagOptions(inputs, job),
  });
  if (!publish) return nothing(why);
  const mode = signingMode(inputs.signing, inputs.key !== '');
  if (mode === 'none') return nothing('This run does not sign.');
  // For example, the key is a secret of an environment that only the publishing job can use.
  if (mode === 'key' && inputs.key === '')
    return nothing('This job has no signing key, so it cannot tell which evidence to trust.');
  try {
    // Loaded only here: signing takes half of an action's start-up time.
    const { signingOf } = await import('./signing/signing.ts');
    const { signer, trust } = await (await signingOf(inputs, job))(services);
    const question = { tags: tags.map(({ tag }) => tag), trust: ofEarlierRuns(trust), signer: signer.identity };
    const registries = destinationsOf(planned.images, inputs, job, undefined, 'pull');
    return await readBaseline({ ...question, registries }, services);
  } catch (error) {
    // A wrong key or setting is fatal: otherwise only the signing step would find it, later.
    if (services.signal.aborted || !(error instanceof TidegateError)) throw error;
    if (error.kind === 'bad-input' || (mode === 'key' && error.kind === 'signature')) throw error;
    return nothing(`The signer of this run is unknown: ${error.message}`);
  }
}

interface ScanInputs extends LiveInputs {
  readonly baseline: string;
  readonly 'baseline-sha256': string;
}

/**
 * The baseline of the scanned image, if the policy lets findings of the live image pass: the given document, otherwise
 * the current state of the registry.
 * @returns undefined if the policy compares nothing
 */
export async function scanBaseline(
  loaded: Pick<PolicyDocument, 'policy' | 'digest' | 'sources'>,
  destinations: readonly Repository[],
  inputs: ScanInputs,
  job: Job,
  services: Services,
): Promise<Baseline | undefined> {
  if (loaded.policy.alreadyLive !== 'report') {
    if (inputs.baseline === '') return undefined;
    const expected = 'no value, because the policy lets no finding of the live image pass';
    throw badInput('input-conflict', 'baseline', inputs.baseline, expected, 'Remove it, or use the preset no-worse.');
  }
  const given = await givenBaseline(inputs, destinations, job);
  const found =
    given ??
    (destinations.length > 0
      ? await liveBaseline(destinations.map(formatRepository), inputs, job, services)
      : nothing('The input destination is empty, so the live image is unknown.'));
  const baseline = underPolicy(found, loaded);
  announceBaseline(baseline, job.log);
  return baseline;
}

/** The document that the inputs name, verified against its checksum. @returns undefined if they name none */
async function givenBaseline(
  inputs: Pick<ScanInputs, 'baseline' | 'baseline-sha256'>,
  destinations: readonly Repository[],
  job: Job,
): Promise<Baseline | undefined> {
  const { baseline: path, 'baseline-sha256': sha256 } = inputs;
  const bytes = await heldFile({ ...HELD, path, sha256 }, job);
  if (!bytes) return undefined;
  const baseline = readBaselineDocument(bytes, path);
  const { live } = baseline;
  const read = live?.map(({ repository }) => repository).toSorted();
  if (read && !isDeepStrictEqual(read, destinations.map(formatReference).toSorted())) {
    const expected = `a baseline of the destination, but it is a baseline of ${read.join(', ')}`;
    throw badInput(
      'input-conflict',
      'baseline',
      path,
      expected,
      'Run read-baseline for the image that is scanned here.',
    );
  }
  return baseline;
}

/** @returns the path below RUNNER_TEMP, and the checksum */
export async function writeBaseline(baseline: Baseline, job: Job): Promise<{ path: string; sha256: string }> {
  const bytes = baselineDocument(baseline);
  const folder = join(job.temp, 'tidegate', 'baseline');
  await makeFolder(folder);
  const path = join(folder, 'baseline.json');
  await writeFile(path, bytes);
  return { path, sha256: hexOf(digestOf(bytes)) };
}
