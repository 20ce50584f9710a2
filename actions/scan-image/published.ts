import { join } from 'node:path';
import type { Trust } from '@tidegate/attest';
import {
  type Digest,
  formatReference,
  hasKind,
  type MovedBase,
  type Policy,
  type PolicyDocument,
  parseImage,
  type Reference,
  type SummaryFacts,
  summaryMarkdown,
  TidegateError,
} from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import {
  assertStillPassed,
  BaseTags,
  type Database,
  notAttached,
  ofSameRef,
  platformDigests,
  type Rescanned,
  rescan,
  type Services,
  saysMore,
  tryToAttach,
  updateDatabase,
} from '@tidegate/pipeline';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { builderId } from '../support/build/origin.ts';
import { outputFolder } from '../support/build/output-folder.ts';
import { databaseOptions } from '../support/database.ts';
import { keepScansOf } from '../support/keep-scans.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { platformViews } from '../support/registry/platform-view.ts';
import { registryOf } from '../support/registry/registry.ts';
import { assertIdentitiesUsed, registryIdentities } from '../support/registry/registry-identities.ts';
import { announceExpiring } from '../support/reports/annotations.ts';
import { reportFindings } from '../support/reports/findings-report.ts';
import { logScan, scanFacts } from '../support/reports/report.ts';
import { withServices } from '../support/services.ts';
import { type Signing, signingOf } from '../support/signing/signing.ts';
import { signingMode } from '../support/signing/signing-mode.ts';
import { signersOf } from '../verify-image/expected-signer.ts';
import type { action } from './action.ts';
import { scanOutputs } from './outputs.ts';
import { tracker } from './tracking.ts';

type ScanInputs = Inputs<typeof action>;

/** Prepared once, for every image of a step. */
export interface Preparation {
  readonly inputs: ScanInputs;
  readonly job: Job;
  readonly loaded: PolicyDocument;
  /** Evidence is attached to the image if it says something new. */
  readonly attach: boolean;
  readonly signing: ((services: Services) => Promise<Signing>) | undefined;
  readonly expected: Trust | undefined;
  /** The database is downloaded when the first image needs it. */
  readonly database: (services: Services) => Promise<Database>;
  readonly keep: number;
  readonly reportDir: string;
  /** Base images, each read once. */
  readonly bases: BaseTags;
}

export interface Scanned {
  readonly scanned: Rescanned;
  /** By digest. */
  readonly name: string;
  readonly digest: Digest;
  readonly attached: number;
  /** Redacted. */
  readonly facts: SummaryFacts;
  /** Why the image fails, or nothing could be attached to it. */
  readonly error?: unknown;
}

/** @throws TidegateError for a job that cannot sign, before anything is downloaded */
export async function prepare(inputs: ScanInputs, job: Job): Promise<Preparation> {
  const keep = keepScansOf(inputs);
  const loaded = await loadedPolicy(inputs, job);
  const isRequired = loaded.policy.require.includes('signature');
  const isUnsigned = signingMode(inputs.signing, inputs.key !== '') === 'none';
  const attach = inputs.attach && !(isUnsigned && isRequired);
  if (inputs.attach && !attach) job.log.info(ONLY_REPORTED);
  const signing = attach && (inputs.key !== '' || isRequired) ? await attachingSigner(inputs, job) : undefined;
  const expected = await expectedSigners(inputs, job);
  const options = await databaseOptions(inputs, loaded.database, job);
  const reportDir = await outputFolder('report-dir', inputs['report-dir'], join(job.temp, 'tidegate', 'rescan'), job);
  let found: Promise<Database> | undefined;
  const database = (services: Services) => {
    found ??= updateDatabase(options, services);
    return found;
  };
  announceExpiring(loaded.policy, job);
  const open = (base: Reference) => registryOf(base, { ...inputs, ...NO_LOGIN }, job, 'pull');
  const bases = new BaseTags(open, { signal: job.signal });
  return { inputs, job, loaded, attach, signing, expected, database, keep, reportDir, bases };
}

const ONLY_REPORTED =
  'Nothing is attached: the policy requires a signature, and this run does not sign. The result is only reported.';

/** To read and judge a published image needs no identity. */
async function attachingSigner(inputs: ScanInputs, job: Job): Promise<NonNullable<Preparation['signing']>> {
  try {
    return await signingOf(inputs, job);
  } catch (cause) {
    if (!(cause instanceof TidegateError) || !NO_TOKEN.has(cause.id)) throw cause;
    throw new TidegateError(cause.id, cause.message, {
      next: `${cause.next} To only report, set attach to false.`,
      cause,
    });
  }
}

const NO_TOKEN: ReadonlySet<string> = new Set(['id-token-denied', 'id-token-missing']);

/** A login of the inputs is for the image. Base images get those of docker's configuration. */
const NO_LOGIN = { 'registry-username': '', 'registry-password': '' } as const;

/** Scan a published image again, and attach the evidence to it. */
export async function scanPublished(
  reference: Reference,
  preparation: Preparation,
  inputs: ScanInputs,
  job: Job,
): Promise<Outputs<typeof action>> {
  const { registry: host } = reference;
  return withServices(job, inputs, async (services) => {
    const login = inputs['registry-username'] === '' ? [] : [host];
    assertIdentitiesUsed(registryIdentities(inputs), [host], login);
    const registry = registryOf(reference, inputs, job, preparation.attach ? 'push' : 'pull');
    const image = { text: inputs.image.join(), reference, registry };
    const done = await scanOne(image, preparation, services);
    const { scanned, name, digest, attached, error } = done;
    await tracker([reference], inputs, job)?.scanned(reference, done.facts);
    const outputs = {
      layout: '',
      digest,
      platforms: JSON.stringify(platformDigests(scanned.target.image)),
      ...{ reference: name, attached: String(attached), 'layout-digest': '', results: '' },
      ...scanOutputs(scanned.scans, scanned.verdict.passed, preparation.reportDir),
    };
    if (error !== undefined) failWithOutputs(error, outputs);
    return outputs;
  });
}

interface PublishedImage {
  /** As the user wrote it. */
  readonly text: string;
  readonly reference: Reference;
  readonly registry: Registry;
}

export async function scanOne(
  { text, reference, registry }: PublishedImage,
  { inputs, job, loaded, attach, signing, expected, database, keep, reportDir, bases }: Preparation,
  services: Services,
): Promise<Scanned> {
  const { registry: host, repository } = reference;
  const { policy, digest: policyDigest, sources } = loaded;
  const root = await registry.resolve(reference.digest ?? reference.tag ?? 'latest', { signal: services.signal });
  const denied = attach ? await pushDenied(registry, job) : undefined;
  const found = await database(services);
  const signer = await signing?.(services);
  const name = formatReference({ registry: host, repository, digest: root.digest });
  job.log.info(`Scan the published image ${name} again${signing ? ', and attach what changed' : ''}.`);
  const scanned = await rescan(
    registry,
    root,
    {
      trusts: [expected, signer && ofSameRef(signer.trust)].filter((one) => one !== undefined),
      ...{
        policy,
        policyDigest,
        sources,
        database: found,
        reportDir,
        name: `${host}/${repository}`,
        verifier: { id: builderId(job) },
      },
      layout: join(services.temp, 'published'),
      sbomDir: join(services.temp, 'sbom'),
    },
    services,
  );
  const worth = attach && saysMore(scanned, inputs['attach-after'] ?? 0, services.clock());
  if (attach && !worth) job.log.info('Nothing to attach: the newest attached scan and verdict have the same results.');
  // Evidence of this run's signer, whose trust is the last one.
  const keeping = { facts: signer ? (scanned.facts.at(-1) ?? []) : [], keep };
  const outcome = !worth ? 0 : (denied ?? (await tryToAttach(scanned, registry, signer, services, keeping)));
  const attached = outcome instanceof TidegateError ? 0 : outcome;
  const movedBases = await bases.allMoved(scanned.materials, job.log);
  const facts = await report(scanned, { ...{ text, inputs, job, policy, reportDir, name, attached, movedBases } });
  if (outcome instanceof TidegateError && !scanned.verdict.passed)
    job.log.warning(`${outcome.message} ${outcome.next}`);
  return { scanned, name, digest: root.digest, attached, facts, error: errorOf(scanned, text, outcome) };
}

function errorOf({ verdict }: Rescanned, text: string, outcome: number | TidegateError): unknown {
  try {
    assertStillPassed(verdict, text);
  } catch (error) {
    return error;
  }
  return outcome instanceof TidegateError ? outcome : undefined;
}

/** Found before the scan, thrown after it: the verdict and the reports come first. */
async function pushDenied(registry: Registry, job: Job): Promise<TidegateError | undefined> {
  try {
    await registry.checkPush({ signal: job.signal });
    return undefined;
  } catch (error) {
    if (!hasKind(error, 'unauthorized', 'registry', 'conflict')) throw error;
    const denied = notAttached(error);
    job.log.warning(denied.message);
    return denied;
  }
}

/** Undefined if the inputs name no signer: then only SBOMs that this run's own signer signed are trusted. */
async function expectedSigners(inputs: ScanInputs, job: Job): Promise<Trust | undefined> {
  const { workflow, 'certificate-identity': identity, 'verification-key': key } = inputs;
  if (!workflow && !identity && !key) return undefined;
  const { trust } = await signersOf(
    {
      ...{ workflow, 'certificate-identity': identity, 'certificate-identity-regexp': '', 'verification-key': key },
      'certificate-oidc-issuer': inputs['certificate-oidc-issuer'],
      ...{ 'source-repository': inputs['source-repository'], 'runner-environment': inputs['runner-environment'] },
      ...{ 'source-repository-id': '', 'source-ref': '', 'source-commit': '' },
      // A root that belongs to `signing-config` does not apply to a key that is in no log.
      'trusted-root': workflow || identity ? inputs['trusted-root'] : '',
      ...{ 'transparency-log': '', 'signed-timestamp': 'optional' },
    },
    job,
  );
  return trust;
}

interface Reported {
  readonly text: string;
  readonly inputs: ScanInputs;
  readonly job: Job;
  readonly policy: Policy;
  readonly reportDir: string;
  /** By digest. */
  readonly name: string;
  readonly attached: number;
  readonly movedBases: readonly MovedBase[];
}

/** @returns the facts of the summary, redacted */
async function report(
  scanned: Rescanned,
  { text, inputs, job, policy, reportDir, name, attached, movedBases }: Reported,
): Promise<SummaryFacts> {
  const { target, scans, sboms, verdict, before } = scanned;
  logScan(scanned, job);
  const views = await platformViews(target, policy, scans, job.clock());
  const facts: SummaryFacts = job.redacted({
    ...(await scanFacts({ target, policy, scans, sboms, views, verdict }, job)),
    name: text,
    rescan: {
      ...{ attached, movedBases },
      since: scans.flatMap(({ platform, evidence }) => {
        const last = before.get(evidence.subject);
        return last ? [{ platform, on: last.finishedOn, before: last.findings, now: evidence.findings }] : [];
      }),
    },
    references: [name],
  });
  const markdown = summaryMarkdown(facts);
  await job.summarise(markdown, !verdict.passed);
  const { registry, repository } = parseImage(text).reference;
  // Uses the name that the publishing run used, so that both runs share their code scanning alerts.
  const image = `${registry}/${repository}`;
  const { token } = inputs;
  await reportFindings({ image, target, verdict, views, facts, reportDir, token }, inputs, job);
  return facts;
}
