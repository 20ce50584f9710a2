import { join } from 'node:path';
import {
  type GitState,
  makePlan,
  type Plan,
  type Policy,
  type PolicyDocument,
  parseReference,
  type SummaryFacts,
  summaryMarkdown,
  tagOfName,
} from '@tidegate/core';
import {
  type Destination,
  isHeldElsewhere,
  liveChanges,
  platformDigests,
  type Services,
  type ShipOptions,
  type ShipProgress,
  type SourceCheck,
  ship,
  TRUST_NONE,
} from '@tidegate/pipeline';
import { commentingFailure, failWithOutputs, gitStateOf, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { sbomOutputs } from '../generate-sbom/run.ts';
import { announcePublished, pushOutputs } from '../push-image/run.ts';
import { scanOutputs } from '../scan-image/outputs.ts';
import { engineOf } from '../support/build/buildkit.ts';
import { cacheScope } from '../support/build/cache-scope.ts';
import { assertBuildCommitted } from '../support/build/committed-files.ts';
import { withDeclared } from '../support/build/declaring-files.ts';
import { buildOptions } from '../support/build/options.ts';
import { builderId } from '../support/build/origin.ts';
import { outputFolder } from '../support/build/output-folder.ts';
import { databaseOptions } from '../support/database.ts';
import { newLayout } from '../support/layout-folder.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { platformViews } from '../support/registry/platform-view.ts';
import { registryOf } from '../support/registry/registry.ts';
import type { RegistryLogin } from '../support/registry/registry-auths.ts';
import { planFirst } from '../support/reports/announce-plan.ts';
import { reportFindings } from '../support/reports/findings-report.ts';
import { assertBuildLint, assertOwnContext, buildLevels, withSourceCheck } from '../support/reports/lint.ts';
import { reportLintBeside } from '../support/reports/lint-report.ts';
import { logScan, pushFacts, scanFacts } from '../support/reports/report.ts';
import { publishSboms } from '../support/reports/sbom-publication.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import { clusterSection } from '../support/signing/cluster.ts';
import { signingOf } from '../support/signing/signing.ts';
import { assertMayBeUnsigned, signingMode } from '../support/signing/signing-mode.ts';
import { action } from './action.ts';

type ShipInputs = Inputs<typeof action>;

/**
 * Runs all stages in one process. Whether it succeeds or fails, it reports its results so far and sets them as outputs.
 */
export async function run(inputs: ShipInputs, job: Job): Promise<Outputs<typeof action>> {
  await withServices(job, NO_TOOLS, (services) => assertBuildCommitted(inputs, job, services));
  const planned = await planFirst(job, async (held) => {
    const git = await gitStateOf(held, inputs.token);
    return { git, plan: planOf(git, inputs, job) };
  });
  const shipment: ShipProgress = {};
  const commented = {
    ...{ action, image: planned.plan.image, token: inputs.token, isWanted: inputs.comment },
    isReported: () => shipment.verdict !== undefined,
  };
  return commentingFailure(commented, job, async () => {
    const policy = await loadedPolicy(inputs, job, buildLevels(inputs));
    assertBuildLint(policy.sources, inputs);
    assertOwnContext(policy.sources, inputs.context);
    return withServices(job, inputs, (services) =>
      withSourceCheck(inputs, policy.sources.levels, job, services, (lint) =>
        shipped(inputs, planned, policy, job, services, { lint, shipment }),
      ),
    );
  });
}

function planOf(git: GitState, inputs: ShipInputs, job: Job): Plan {
  return makePlan(git, {
    image: inputs.image,
    platforms: inputs.platforms.length > 0 ? inputs.platforms : ['linux/amd64'],
    tags: inputs.tags,
    latest: inputs.latest,
    publishBranches: inputs['publish-branches'],
    labels: { override: inputs.labels },
    annotations: inputs.annotations,
    now: job.clock(),
  });
}

async function shipped(
  inputs: ShipInputs,
  { git, plan }: { readonly git: GitState; readonly plan: Plan },
  { policy, digest: policyDigest, database: databasePolicy, sources }: PolicyDocument,
  job: Job,
  services: Services,
  { lint, shipment }: { readonly lint: SourceCheck | undefined; readonly shipment: ShipProgress },
): Promise<Outputs<typeof action>> {
  const destination = plan.publish ? destinationOf(plan, inputs, policy, job) : undefined;
  const layout = await newLayout(inputs, job);
  const beside = (input: 'output-dir' | 'report-dir', name: string) =>
    outputFolder(input, inputs[input], join(layout, '..', name), job);
  const [sbomDir, reportDir] = [await beside('output-dir', 'sbom'), await beside('report-dir', 'scan')];
  const database = await databaseOptions(inputs, databasePolicy, job);
  const reported = async () => report(shipment, plan, inputs, job, services, { policy, reportDir });
  const options: ShipOptions = {
    build: await buildOptions(inputs, job, git, {
      layout,
      labels: plan.labels,
      annotations: plan.annotations,
      repository: plan.image,
    }),
    lint,
    builder: (inner) => engineOf(inputs, cacheScope(git, inputs.context), job, inner, imageLogin(plan, inputs)),
    name: plan.image,
    sbomDir,
    reportDir,
    policy,
    policyDigest,
    sources,
    verifier: { id: builderId(job) },
    database,
    destination,
    comparedWith: baseOf(git, plan, inputs, job),
  };
  try {
    await ship(options, services, shipment);
  } catch (error) {
    await reported();
    failWithOutputs(error, outputsOf(shipment, plan, layout, reportDir));
  }
  await reported();
  const { pushed, sboms, target } = shipment;
  if (pushed) announcePublished(plan.image, pushed, job);
  // Nothing is published about an image that cannot be pulled: one of a pull request, or one that failed.
  if (pushed && target && sboms) {
    await publishSboms({ name: plan.image, target, sboms, token: inputs.token }, inputs, job);
  }
  return { ...nothing(), ...outputsOf(shipment, plan, layout, reportDir) };
}

/** The credentials that push the image also pull a base image from the same host. */
function imageLogin(plan: Plan, inputs: ShipInputs): readonly RegistryLogin[] {
  const { 'registry-username': username, 'registry-password': password } = inputs;
  return username && password ? [{ registry: parseReference(plan.image).registry, username, password }] : [];
}

/** The image of the branch that a pull request changes. Only the comparison in the reports needs it. */
function baseOf(git: GitState, plan: Plan, inputs: ShipInputs, job: Job): ShipOptions['comparedWith'] {
  if (plan.publish || git.event.kind !== 'pull_request') return undefined;
  // A fork's run has no secrets: a user name without its password must not fail it.
  const { 'registry-username': username, 'registry-password': password } = inputs;
  const login = password === '' || username === '' ? { 'registry-username': '', 'registry-password': '' } : {};
  return {
    registry: registryOf(parseReference(plan.image), { ...inputs, ...login }, job),
    tags: [tagOfName(job.env.GITHUB_BASE_REF || git.defaultBranch), 'latest'],
  };
}

function destinationOf(plan: Plan, inputs: ShipInputs, policy: Policy, job: Job): Destination {
  const mode = signingMode(inputs.signing, inputs.key !== '');
  assertMayBeUnsigned(mode, policy.require);
  const signing = mode === 'none' ? undefined : signingOf(inputs, job);
  // The caller that awaits it handles the failure; until then it must not be an unhandled rejection.
  signing?.catch(() => {});
  return {
    registry: registryOf(parseReference(plan.image), inputs, job),
    tags: plan.tags.map((one) => one.tag),
    immutableTags: inputs['immutable-tags'],
    signingTools: isHeldElsewhere(inputs.key) ? ['cosign'] : [],
    trust: TRUST_NONE,
    signing,
  };
}

/** Log, summary, SARIF, and the reports that the user wants on GitHub. */
async function report(
  shipment: ShipProgress,
  plan: Plan,
  inputs: ShipInputs,
  job: Job,
  services: Services,
  to: Reports,
): Promise<void> {
  const { lint, target, verdict, scans = [], sboms = [], contents = [], signed, pushed } = shipment;
  const tellLint = () => reportLintBeside(lint, inputs.lint === 'error' ? 'error' : 'none', job);
  if (!target || !verdict) return tellLint();
  logScan({ scans, verdict }, job);
  const { policy, reportDir } = to;
  const judged = await platformViews(target, policy, scans, job.clock());
  const views = await withDeclared(judged, inputs, job, services);
  const trust = signed?.trust ?? TRUST_NONE;
  const facts: SummaryFacts = job.redacted({
    ...(await scanFacts({ target, policy, scans, sboms, contents, views, verdict }, job)),
    ...pushFacts(plan, pushed, trust),
    changes: await liveChanges(target, shipment.live),
  });
  const markdown = summaryMarkdown(facts) + clusterSection(plan.image, pushed, trust);
  await job.summarise(markdown, !verdict.passed);
  // After the verdict, which readers look for first.
  await tellLint();
  await reportFindings(
    {
      ...{ image: plan.image, target, verdict, views, facts, reportDir, token: inputs.token },
      source: lint?.findings,
    },
    inputs,
    job,
  );
}

interface Reports {
  readonly policy: Policy;
  readonly reportDir: string;
}

type ShipOutputs = Outputs<typeof action>;

/** A pull request has no reference and no signature: every output is set, some to empty text. */
function nothing(): ShipOutputs {
  return Object.fromEntries(Object.keys(action.outputs).map((name) => [name, ''])) as ShipOutputs;
}

function outputsOf(shipment: ShipProgress, plan: Plan, layout: string, reportDir: string): Partial<ShipOutputs> {
  const { target, verdict, scans, sboms, signed, pushed } = shipment;
  return {
    ...(target
      ? { layout, digest: target.image.root.digest, platforms: JSON.stringify(platformDigests(target.image)) }
      : {}),
    ...(sboms ? sbomOutputs(sboms) : {}),
    ...(scans && verdict ? scanOutputs(scans, verdict.passed, reportDir) : {}),
    ...(signed ? { signatures: String(signed.bundles), signer: signed.signer } : {}),
    ...(pushed ? pushOutputs(plan.image, pushed) : { published: 'false' }),
  };
}
