import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type Admission,
  badInput,
  type ClusterPolicies,
  clusterPolicies,
  type Digest,
  type Expectations,
  formatReference,
  isDigest,
  PredicateType,
  parseRepositoryName,
  parseRequire,
  type Reference,
  TidegateError,
  verificationMarkdown,
  verificationTable,
  withoutEnd,
} from '@tidegate/core';
import { ImageLayout, type Store } from '@tidegate/oci';
import { platformDigests, type VerifiedImage, verifyImage } from '@tidegate/pipeline';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { makeFolder } from '@tidegate/tools';
import { outputFolder } from '../support/build/output-folder.ts';
import { existingLayout } from '../support/layout-folder.ts';
import { policyOf } from '../support/policy/policy.ts';
import { imageOf } from '../support/registry/image.ts';
import { registryOf } from '../support/registry/registry.ts';
import type { action } from './action.ts';
import { type Signers, signersOf } from './expected-signer.ts';

type VerifyInputs = Inputs<typeof action>;

export async function run(inputs: VerifyInputs, job: Job): Promise<Outputs<typeof action>> {
  const signers = await signersOf(inputs, job);
  const expected = digestOf('expected-digest', inputs);
  const reference = inputs.image ? imageOf(inputs.image, job) : undefined;
  const expectations: Expectations = {
    ...expectationsOf(inputs, job),
    ...(reference ? { destination: bare(reference) } : {}),
    ...(signers.identity ? { identity: signers.identity } : {}),
  };
  const admission = reference && admissionOf(formatReference(bare(reference)), signers, expectations);
  const policies = admission && inputs['policy-dir'] ? policiesOf(admission) : undefined;
  job.log.info(`Verify ${reference ? formatReference(reference) : 'the image of the layout'}.`);
  const { store, root } = await place(inputs, reference, job);
  const verified = await verifyImage(
    store,
    root,
    {
      trust: signers.trust,
      expectations,
      expectedDigest: expected,
    },
    job,
  );
  const byDigest = reference && formatReference({ ...bare(reference), digest: verified.digest });
  job.log.info(verificationTable(verified.checks));
  await job.summarise(
    verificationMarkdown(
      job.redacted({
        name: byDigest ?? `${store.name}: ${verified.digest}`,
        passed: verified.passed,
        checks: verified.checks,
        refused: verified.refused,
        ...(admission && byDigest ? { admission, reference: byDigest } : {}),
        ...(inputs['trusted-root'] ? { trustedRoot: inputs['trusted-root'] } : {}),
      }),
    ),
  );
  if (policies) await writePolicies(inputs, policies, job);
  const outputs = outputsOf(verified, byDigest);
  if (!verified.passed) failWithOutputs(refusal(verified, byDigest ?? store.name), outputs);
  return outputs;
}

/** The location of the image, and the digest of the reference there, resolved once. */
async function place(inputs: VerifyInputs, reference: Reference | undefined, job: Job) {
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

function digestOf(name: 'expected-digest' | 'verdict-policy', inputs: VerifyInputs): Digest | undefined {
  const text = inputs[name];
  if (text === '' || isDigest(text)) return text === '' ? undefined : text;
  throw badInput(
    'input-format-wrong',
    name,
    text,
    'sha256: and 64 hex digits',
    'Pass on the digest from another job or from the signed verdict.',
  );
}

function expectationsOf(inputs: VerifyInputs, job: Job): Expectations {
  const verdictOf = digestOf('verdict-policy', inputs);
  const repository = inputs['source-repository'];
  if (repository) parseRepositoryName(repository, 'source-repository');
  const server = withoutEnd(job.env.GITHUB_SERVER_URL || 'https://github.com', '/');
  return {
    require: parseRequire(inputs.require),
    scope: inputs.scope,
    policy: { ...policyOf(inputs), ...(verdictOf === undefined ? {} : { verdictOf }) },
    provenance: {
      source: repository ? `${server}/${repository}` : undefined,
      ...(inputs['source-commit'] ? { commit: inputs['source-commit'] } : {}),
      builder: inputs.builder ? { kind: 'exact', value: inputs.builder } : undefined,
    },
  };
}

function bare({ registry, repository }: Reference): Reference {
  return { registry, repository };
}

function admissionOf(
  repository: string,
  { identity, publicKey, trust }: Signers,
  { require, policy }: Expectations,
): Admission {
  const asked = { repository, maxVerdictAge: policy.maxScanAge, ...predicateTypesOf(require) };
  if (identity) return { ...asked, signer: { kind: 'keyless', identity } };
  const logged = trust.roots !== undefined && trust.log === 'required';
  return { ...asked, signer: { kind: 'key', publicKey: publicKey ?? '', logged } };
}

/** A cluster checks what was checked here: third-party images have no verdict, and some no signature of the image. */
function predicateTypesOf(require: Expectations['require']): Pick<Admission, 'predicateTypes'> {
  const judged = require.includes('verdict');
  // A verdict covers the evidence it is based on.
  const asked = judged ? require.filter((kind) => kind === 'signature' || kind === 'verdict') : require;
  const types = { ...PredicateType, sbom: PredicateType.spdx };
  return asked.length > 0 ? { predicateTypes: asked.map((kind) => types[kind]) } : {};
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
  };
}

function refusal({ checks }: VerifiedImage, name: string): TidegateError {
  const failed = checks.filter(({ outcome }) => outcome === 'fail');
  const reasons = failed.map((check) => `${check.name}: ${check.why}`).join(' ');
  return new TidegateError('verification-failed', `${name} must not be deployed. ${reasons || 'No check was made.'}`, {
    next: 'Deploy a digest that passes; or, if the image is correct, correct the inputs.',
  });
}
