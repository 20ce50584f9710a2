import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  badInput,
  digestOf,
  formatReference,
  hexOf,
  makePlan,
  type PolicyDocument,
  parseReference,
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
import { gitStateOf, type InputSpec, type Job } from '@tidegate/runner';
import { makeFolder } from '@tidegate/tools';
import { action as plan } from '../plan/action.ts';
import { heldFile } from './build/held-file.ts';
import { type RegistryInputs, registryOf } from './registry/registry.ts';
import type { SigningInputs } from './signing/signing.ts';
import { signingMode } from './signing/signing-mode.ts';

/** Inputs of the step that scans: they find the live tag, or name the document that another job has read. */
export const baselineInputs = {
  tags: {
    ...plan.inputs.tags,
    description:
      'Tag rules of `push-image`, if the policy lets findings of the live image pass (`no-worse`). The widest existing tag is compared.',
  },
  latest: plan.inputs.latest,
  baseline: {
    type: 'string',
    description:
      'Findings of the live image, as `read-baseline` wrote them. Default: this step reads them from the registry.',
  },
  'baseline-sha256': {
    type: 'string',
    description: 'SHA-256 of `baseline`: the output `baseline-sha256` of `read-baseline`. Required with it.',
  },
} as const satisfies Record<string, InputSpec>;

const HELD = {
  input: 'baseline',
  writer: { action: 'read-baseline', output: 'baseline-sha256' },
  limit: MAX_BASELINE_BYTES,
} as const;

/** Reading is harmless on any branch: push-image applies `publish-branches` to the publication itself. */
const ANY_BRANCH = ['**'];

export interface LiveInputs extends SigningInputs, RegistryInputs {
  readonly tags: readonly string[];
  readonly latest: 'auto' | 'true' | 'false';
  readonly token: string;
}

/**
 * Read the findings of the live image from evidence that the signer of this run has signed. Without a signer, a tag or
 * a response there is nothing to compare, and one sentence says why.
 * @param image the repository that the image is published to, without a tag
 */
export async function liveBaseline(image: string, inputs: LiveInputs, job: Job, services: Services): Promise<Baseline> {
  const { publish, tags, why, ...planned } = makePlan(await gitStateOf(job, inputs.token), {
    ...{ image, platforms: ['linux/amd64'], tags: inputs.tags, latest: inputs.latest, publishBranches: ANY_BRANCH },
    now: job.clock(),
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
    return await readBaseline(
      { ...question, registry: registryOf(parseReference(planned.image), inputs, job) },
      services,
    );
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
  destination: Repository | undefined,
  inputs: ScanInputs,
  job: Job,
  services: Services,
): Promise<Baseline | undefined> {
  if (loaded.policy.alreadyLive !== 'report') {
    if (inputs.baseline === '') return undefined;
    const expected = 'no value, because the policy lets no finding of the live image pass';
    throw badInput('input-conflict', 'baseline', inputs.baseline, expected, 'Remove it, or use the preset no-worse.');
  }
  const given = await givenBaseline(inputs, destination, job);
  const found =
    given ??
    (destination
      ? await liveBaseline(formatReference(destination), inputs, job, services)
      : nothing('The input destination is empty, so the live image is unknown.'));
  const baseline = underPolicy(found, loaded);
  announceBaseline(baseline, job.log);
  return baseline;
}

/** The document that the inputs name, verified against its checksum. @returns undefined if they name none */
async function givenBaseline(
  inputs: Pick<ScanInputs, 'baseline' | 'baseline-sha256'>,
  destination: Repository | undefined,
  job: Job,
): Promise<Baseline | undefined> {
  const { baseline: path, 'baseline-sha256': sha256 } = inputs;
  const bytes = await heldFile({ ...HELD, path, sha256 }, job);
  if (!bytes) return undefined;
  const baseline = readBaselineDocument(bytes, path);
  const { live } = baseline;
  if (live && live.repository !== (destination && formatReference(destination))) {
    const expected = `a baseline of the destination, but it is a baseline of ${live.repository}`;
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
