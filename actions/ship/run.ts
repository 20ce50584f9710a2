import { join } from 'node:path';
import {
  type GitState,
  makePlan,
  messageOf,
  type Plan,
  type Policy,
  type PolicyDocument,
  type SummaryFacts,
  summaryMarkdown,
} from '@tidegate/core';
import {
  type Destination,
  isHeldElsewhere,
  liveChanges,
  type Services,
  type ShipOptions,
  type ShipProgress,
  type SourceCheck,
  ship,
  TRUST_NONE,
} from '@tidegate/pipeline';
import { commentingFailure, failWithOutputs, gitStateOf, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { engineOf } from '../support/build/buildkit.ts';
import { assertMirrors, buildkitdConfig, type ChosenConfig } from '../support/build/buildkitd-config.ts';
import { isBuiltElsewhere, withoutPushIdentities } from '../support/build/buildx-logins.ts';
import { cacheLogin } from '../support/build/cache-login.ts';
import { cacheScope } from '../support/build/cache-scope.ts';
import { assertBuildCommitted } from '../support/build/committed-files.ts';
import { withDeclared } from '../support/build/declaring-files.ts';
import { assertEntitled } from '../support/build/entitlements.ts';
import { buildOptions } from '../support/build/options.ts';
import { builderId } from '../support/build/origin.ts';
import { outputFolder } from '../support/build/output-folder.ts';
import { databaseOptions } from '../support/database.ts';
import { keepScansOf } from '../support/keep-scans.ts';
import { newLayout } from '../support/layout-folder.ts';
import { gitNeed, tagOptions } from '../support/plan-inputs.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { baseImage } from '../support/registry/compared.ts';
import { destinationLogins, destinationsOf, withoutIncompleteLogin } from '../support/registry/destinations.ts';
import { assertKeylessMode, attestationsOnGitHub } from '../support/registry/github-attestations.ts';
import { platformViews } from '../support/registry/platform-view.ts';
import { announcePublished } from '../support/registry/published.ts';
import type { RegistryLogin } from '../support/registry/registry-auths.ts';
import { baseImageLogins, registryIdentities } from '../support/registry/registry-identities.ts';
import { announceExpiring } from '../support/reports/annotations.ts';
import { planFirst } from '../support/reports/announce-plan.ts';
import { reportFindings } from '../support/reports/findings-report.ts';
import { assertBuildLint, assertOwnContext, buildLevels, withSourceCheck } from '../support/reports/lint.ts';
import { MOST_ANNOTATIONS } from '../support/reports/lint-annotations.ts';
import { reportLintBeside } from '../support/reports/lint-report.ts';
import { rebuildSummary, reportRebuild } from '../support/reports/rebuild-report.ts';
import { logScan, pushFacts, scanFacts } from '../support/reports/report.ts';
import { publishSboms } from '../support/reports/sbom-publication.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import { clusterSections } from '../support/signing/cluster.ts';
import { predicatesOf } from '../support/signing/predicates.ts';
import { signingKey, signingOf } from '../support/signing/signing.ts';
import { assertMayBeUnsigned, signingMode } from '../support/signing/signing-mode.ts';
import { action } from './action.ts';
import { nothing, outputsOf } from './outputs.ts';

type ShipInputs = Inputs<typeof action>;

/**
 * Runs all stages in one process. Whether it succeeds or fails, it reports its results so far and sets them as outputs.
 */
export async function run(inputs: ShipInputs, job: Job): Promise<Outputs<typeof action>> {
  const buildkitd = await buildkitdConfig(inputs, job);
  await withServices(job, NO_TOOLS, (services) => assertBuildCommitted(inputs, job, services, buildkitd?.files));
  const planned = await planFirst(job, async (held) => {
    const git = await gitStateOf(held, inputs.token, gitNeed(inputs.tags));
    return { git, plan: planOf(git, inputs, job) };
  });
  const shipment: ShipProgress = {};
  const commented = {
    ...{ action, image: planned.plan.image, token: inputs.token, isWanted: inputs.comment },
    isReported: () => shipment.verdict !== undefined,
  };
  return commentingFailure(commented, job, async () => {
    const policy = await loadedPolicy(inputs, job, buildLevels(inputs));
    announceExpiring(policy.policy, job);
    assertBuildLint(policy.sources, inputs);
    assertEntitled(inputs.allow, policy.sources);
    assertMirrors(buildkitd, policy.sources);
    assertOwnContext(policy.sources, inputs.context);
    const logins = loginsOf(planned.plan, inputs, job);
    // Before the source check and the build: a missing key or token is found without either of them.
    const destination = await destinationOf(planned.plan, inputs, { logins, policy: policy.policy }, job);
    return withServices(job, { ...inputs, allowed: policy.policy.tools }, (services) =>
      withSourceCheck(inputs, policy.sources.levels, job, services, (lint) =>
        shipped(inputs, planned, policy, job, services, { lint, shipment, buildkitd, logins, destination }),
      ),
    );
  });
}

function planOf(git: GitState, inputs: ShipInputs, job: Job): Plan {
  return makePlan(git, {
    images: inputs.image,
    platforms: inputs.platforms.length > 0 ? inputs.platforms : ['linux/amd64'],
    ...tagOptions(inputs, job),
    latest: inputs.latest,
    publishBranches: inputs['publish-branches'],
    labels: { override: inputs.labels },
    annotations: inputs.annotations,
  });
}

interface Shipped {
  readonly lint: SourceCheck | undefined;
  readonly shipment: ShipProgress;
  readonly buildkitd: ChosenConfig | undefined;
  readonly logins: readonly RegistryLogin[];
  /** Undefined if nothing is published. */
  readonly destination: Destination | undefined;
}

async function shipped(
  inputs: ShipInputs,
  { git, plan }: { readonly git: GitState; readonly plan: Plan },
  { policy, digest: policyDigest, database: databasePolicy, sources }: PolicyDocument,
  job: Job,
  services: Services,
  { lint, shipment, buildkitd, logins, destination }: Shipped,
): Promise<Outputs<typeof action>> {
  const layout = await newLayout(inputs, job);
  const beside = (input: 'output-dir' | 'report-dir', name: string) =>
    outputFolder(input, inputs[input], join(layout, '..', name), job);
  const [sbomDir, reportDir] = [await beside('output-dir', 'sbom'), await beside('report-dir', 'scan')];
  const database = await databaseOptions(inputs, databasePolicy, job);
  const reported = async (failure?: unknown) =>
    report(shipment, plan, inputs, job, services, { policy, reportDir, failure });
  const isElsewhere = isBuiltElsewhere(inputs, job.env);
  const baseInputs = isElsewhere ? withoutPushIdentities(inputs, plan.images) : inputs;
  const buildLogins = [...(isElsewhere ? [] : logins), ...registryIdentities(baseInputs)];
  const cacheLogins = await cacheLogin(inputs, { isPublished: plan.publish, isElsewhere, logins: buildLogins }, job);
  const options: ShipOptions = {
    build: await buildOptions(inputs, job, git, {
      layout,
      labels: plan.labels,
      annotations: plan.annotations,
      destinations: plan.images,
      isPublished: plan.publish,
      buildkitd,
    }),
    lint,
    builder: async (inner) => {
      const keyless = await baseImageLogins(baseInputs, plan.publish, job);
      const more = { logins: [...keyless, ...cacheLogins], pushLogins: logins, config: buildkitd?.config };
      return engineOf(inputs, cacheScope(git, inputs.context), job, inner, more);
    },
    name: plan.image,
    sbomDir,
    reportDir,
    policy,
    policyDigest,
    sources,
    verifier: { id: builderId(job) },
    database,
    dockerAttestations: inputs['docker-attestations'],
    destination,
    comparedWith: plan.publish
      ? undefined
      : baseImage(git, job, () => destinationsOf(plan.images, inputs, job, logins, 'pull')[0]),
  };
  try {
    await ship(options, services, shipment);
  } catch (error) {
    // The failure to report comes second: the user needs to know why nothing was published.
    await reported(error).catch((second: unknown) =>
      job.log.warning(`The reports are incomplete: ${messageOf(second)}`),
    );
    failWithOutputs(error, outputsOf(shipment, plan, layout, reportDir));
  }
  const outputs = outputsOf(shipment, plan, layout, reportDir);
  const { pushed, sboms, target } = shipment;
  try {
    await reported();
    if (pushed) announcePublished(plan.images, pushed, job);
    // Nothing is published about an image that cannot be pulled: one of a pull request, or one that failed.
    if (pushed && target && sboms) {
      await publishSboms({ name: plan.image, target, sboms, token: inputs.token }, inputs, job);
    }
  } catch (error) {
    // The tags are set: later steps need to know which image they name.
    failWithOutputs(error, outputs);
  }
  return { ...nothing(), ...outputs };
}

/** The credentials that push the image also pull a base image from the same host. */
function loginsOf(plan: Plan, inputs: ShipInputs, job: Job): readonly RegistryLogin[] {
  return destinationLogins(plan.images, plan.publish ? inputs : withoutIncompleteLogin(inputs), job, 'of any host');
}

interface Destined {
  readonly logins: readonly RegistryLogin[];
  readonly policy: Policy;
}

async function destinationOf(
  plan: Plan,
  inputs: ShipInputs,
  { logins, policy }: Destined,
  job: Job,
): Promise<Destination | undefined> {
  const predicates = await predicatesOf(inputs, job);
  if (!plan.publish) return undefined;
  const mode = signingMode(inputs.signing, inputs.key !== '');
  assertMayBeUnsigned(mode, policy.require);
  assertKeylessMode(inputs, mode);
  const key = mode === 'none' ? undefined : await signingKey(inputs, job);
  const signing =
    mode === 'none'
      ? undefined
      : signingOf(inputs, job, key).then((made) => async (services: Services) => ({
          ...(await made(services)),
          predicates,
        }));
  // The caller that awaits it handles the failure; until then it must not be an unhandled rejection.
  signing?.catch(() => {});
  return {
    registries: destinationsOf(plan.images, inputs, job, logins),
    tags: plan.tags.map((one) => one.tag),
    immutableTags: inputs['immutable-tags'],
    signingTools: isHeldElsewhere(inputs.key) ? ['cosign'] : [],
    trust: TRUST_NONE,
    signing,
    keepScans: keepScansOf(inputs),
    reuseEvidence: inputs['reuse-evidence'],
    beforeTags: attestationsOnGitHub(inputs, job),
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
  const { lint, target, verdict, scans = [], sboms = [], contents = [], signed, pushed, steps, rebuilt } = shipment;
  const tellLint = (most?: number) =>
    reportLintBeside(lint, inputs.lint === 'error' ? 'error' : 'none', job, { most, failure: to.failure });
  if (!target || !verdict) return tellLint();
  logScan({ scans, verdict }, job);
  if (rebuilt) reportRebuild(rebuilt, job);
  const { policy, reportDir } = to;
  const judged = await platformViews(target, policy, scans, job.clock());
  const views = await withDeclared(judged, inputs, job, services);
  const trust = signed?.trust ?? TRUST_NONE;
  const facts: SummaryFacts = job.redacted({
    ...(await scanFacts({ target, policy, scans, sboms, contents, views, verdict }, job)),
    ...pushFacts(plan, pushed, trust),
    changes: await liveChanges(target, shipment.live),
    build: steps,
    reusedFrom: shipment.proven?.judgedOn,
    rebuilt: rebuilt && rebuildSummary(rebuilt),
  });
  const markdown = summaryMarkdown(facts) + clusterSections(plan.images, pushed, trust);
  await job.summarise(markdown, !verdict.passed);
  const annotated = await reportFindings(
    {
      ...{ image: plan.image, target, verdict, views, facts, reportDir, token: inputs.token },
      source: lint?.findings,
    },
    inputs,
    job,
  );
  // After the verdict, which readers look for first.
  await tellLint(MOST_ANNOTATIONS - annotated);
}

interface Reports {
  readonly policy: Policy;
  readonly reportDir: string;
  /** The error of the run, if it failed. */
  readonly failure?: unknown;
}
