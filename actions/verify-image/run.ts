import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type Admission,
  type ClusterPolicies,
  clusterPolicies,
  type Expectations,
  formatReference,
  PredicateType,
  type Reference,
  TidegateError,
  verificationMarkdown,
  verificationTable,
} from '@tidegate/core';
import { ImageLayout, type Store } from '@tidegate/oci';
import { platformDigests, type VerifiedImage } from '@tidegate/pipeline';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { makeFolder } from '@tidegate/tools';
import { outputFolder } from '../support/build/output-folder.ts';
import { existingLayout } from '../support/layout-folder.ts';
import { imageLines } from '../support/registry/image-list.ts';
import { registryOf } from '../support/registry/registry.ts';
import type { action } from './action.ts';
import { digestOf, expectationsOf } from './expectations.ts';
import { type Signers, signersOf } from './expected-signer.ts';
import { verifySeveral } from './several.ts';
import { bare, type Demands, expectationsAt, type Place, reasonsOf, verifyAt } from './verify-one.ts';

type VerifyInputs = Inputs<typeof action>;

/** Verified in a minute or two; more belong into a matrix. */
const MOST_IMAGES = 200;

export async function run(inputs: VerifyInputs, job: Job): Promise<Outputs<typeof action>> {
  const demands: Demands = {
    signers: await signersOf(inputs, job),
    expectations: expectationsOf(inputs, job),
    expectedDigest: digestOf('expected-digest', inputs['expected-digest']),
  };
  const lines = imageLines(inputs.image, MOST_IMAGES, job);
  if (lines.length > 1) return verifySeveral(lines, demands, inputs, job);
  const reference = lines[0]?.reference;
  if (reference instanceof TidegateError) throw reference;
  return verifyOne(reference, demands, inputs, job);
}

async function verifyOne(
  reference: Reference | undefined,
  demands: Demands,
  inputs: VerifyInputs,
  job: Job,
): Promise<Outputs<typeof action>> {
  const { signers } = demands;
  const admission =
    reference && admissionOf(formatReference(bare(reference)), signers, expectationsAt(demands, reference));
  const policies = admission && inputs['policy-dir'] ? policiesOf(admission) : undefined;
  job.log.info(`Verify ${reference ? formatReference(reference) : 'the image of the layout'}.`);
  const found = await place(inputs, reference, job);
  const { verified, byDigest } = await verifyAt(found, reference, demands, job);
  job.log.info(verificationTable(verified.checks));
  await job.summarise(
    verificationMarkdown(
      job.redacted({
        name: byDigest ?? `${found.store.name}: ${verified.digest}`,
        passed: verified.passed,
        checks: verified.checks,
        refused: verified.refused,
        admission,
        reference: byDigest,
        trustedRoot: inputs['trusted-root'] || undefined,
      }),
    ),
  );
  if (policies) await writePolicies(inputs, policies, job);
  const outputs = outputsOf(verified, byDigest);
  if (!verified.passed) failWithOutputs(refusal(verified, byDigest ?? found.store.name), outputs);
  return outputs;
}

/** The location of the image, and the digest of the reference there, resolved once. */
async function place(inputs: VerifyInputs, reference: Reference | undefined, job: Job): Promise<Place> {
  const { signal } = job;
  if (reference && !inputs.layout && !inputs.name) {
    const registry: Store = registryOf(reference, inputs, job);
    return {
      store: registry,
      root: await registry.resolve(reference.digest ?? reference.tag ?? 'latest', { signal }),
    };
  }
  const layout = await ImageLayout.open(await existingLayout(inputs, job));
  const root = await layout.root();
  if (reference?.digest !== undefined && reference.digest !== root.digest) {
    throw new TidegateError(
      'layout-of-other-image',
      `${layout.name} contains ${root.digest}, expected ${reference.digest}.`,
      {
        next: 'Set layout to the layout of this image, or remove layout to verify the image in its registry.',
      },
    );
  }
  return { store: layout as Store, root };
}

function admissionOf(
  repository: string,
  { identity, publicKey, trust }: Signers,
  { require, predicates, policy }: Expectations,
): Admission {
  const asked = { repository, maxVerdictAge: policy.maxScanAge, ...predicateTypesOf(require, predicates) };
  if (identity) return { ...asked, signer: { kind: 'keyless', identity } };
  const logged = trust.roots !== undefined && trust.log === 'required';
  return { ...asked, signer: { kind: 'key', publicKey: publicKey ?? '', logged } };
}

/** A cluster checks what was checked here: third-party images have no verdict, and some no signature of the image. */
function predicateTypesOf(
  require: Expectations['require'],
  predicates: Expectations['predicates'] = [],
): Pick<Admission, 'predicateTypes'> {
  const judged = require.includes('verdict');
  // A verdict covers the evidence it is based on. Evidence of the user's own comes later.
  const asked = judged ? require.filter((kind) => kind === 'signature' || kind === 'verdict') : require;
  const types = { ...PredicateType, sbom: PredicateType.spdx };
  const all = [...asked.map((kind) => types[kind]), ...predicates];
  return all.length > 0 ? { predicateTypes: all } : {};
}

/** @throws TidegateError `bad-input` if no controller can check for this signer. */
function policiesOf(admission: Admission): ClusterPolicies {
  const policies = clusterPolicies(admission);
  if (policies.written.length > 0) return policies;
  throw new TidegateError('cluster-policy-impossible', `Input policy-dir: ${policies.missing.join(' ')}`, {
    next: 'Remove policy-dir, or change the signer.',
  });
}

async function writePolicies(inputs: VerifyInputs, { written, missing }: ClusterPolicies, job: Job): Promise<void> {
  const folder = await outputFolder('policy-dir', inputs['policy-dir'], '', job);
  await makeFolder(folder);
  for (const { file, text } of written) await writeFile(join(folder, file), text);
  job.log.info(`Cluster policies are in ${resolve(folder)}.`);
  for (const why of missing) job.log.notice(why);
}

function outputsOf(verified: VerifiedImage, reference: string | undefined): Outputs<typeof action> {
  return {
    verified: String(verified.passed),
    digest: verified.digest,
    reference: reference ?? '',
    platforms: JSON.stringify(platformDigests(verified.image)),
    signers: JSON.stringify(verified.signers),
    checks: JSON.stringify(verified.checks),
    results: '',
  };
}

function refusal(verified: VerifiedImage, name: string): TidegateError {
  return new TidegateError('verification-failed', `${name} must not be deployed. ${reasonsOf(verified)}`, {
    next: 'Deploy a digest that passes; or, if the image is correct, correct the inputs.',
  });
}
