import { join } from 'node:path';
import type { Trust } from '@tidegate/attest';
import {
  formatReference,
  hasKind,
  inLaterRuns,
  type Policy,
  parseImage,
  type SummaryFacts,
  summaryMarkdown,
  TidegateError,
} from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import {
  assertStillPassed,
  notAttached,
  platformDigests,
  type Rescanned,
  rescan,
  saysMore,
  tryToAttach,
  updateDatabase,
} from '@tidegate/pipeline';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { builderId } from '../support/build/origin.ts';
import { outputFolder } from '../support/build/output-folder.ts';
import { databaseOptions } from '../support/database.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { imageOf } from '../support/registry/image.ts';
import { platformViews } from '../support/registry/platform-view.ts';
import { registryOf } from '../support/registry/registry.ts';
import { reportFindings } from '../support/reports/findings-report.ts';
import { logScan, scanFacts } from '../support/reports/report.ts';
import { withServices } from '../support/services.ts';
import { signingOf } from '../support/signing/signing.ts';
import { signersOf } from '../verify-image/expected-signer.ts';
import type { action } from './action.ts';
import { scanOutputs } from './outputs.ts';

type ScanInputs = Inputs<typeof action>;

/** Scan a published image again, and attach the evidence to it. */
export async function scanPublished(inputs: ScanInputs, job: Job): Promise<Outputs<typeof action>> {
  const reference = imageOf(inputs.image, job);
  const { registry: host, repository } = reference;
  const { policy, digest: policyDigest, database: databasePolicy } = await loadedPolicy(inputs, job);
  // A job that cannot sign fails before anything is downloaded.
  const wanted = inputs.attach && (inputs.key !== '' || policy.require.includes('signature'));
  const signing = wanted ? await signingOf(inputs, job) : undefined;
  const expected = await expectedSigners(inputs, job);
  const database = await databaseOptions(inputs, databasePolicy, job);
  const reportDir = await outputFolder('report-dir', inputs['report-dir'], join(job.temp, 'tidegate', 'rescan'), job);
  return withServices(job, inputs, async (services) => {
    const registry = registryOf(reference, inputs, job);
    const root = await registry.resolve(reference.digest ?? reference.tag ?? 'latest', { signal: job.signal });
    const denied = inputs.attach ? await pushDenied(registry, job) : undefined;
    const found = await updateDatabase(database, services);
    const signer = await signing?.(services);
    const name = formatReference({ registry: host, repository, digest: root.digest });
    job.log.info(`Scan the published image ${name} again${wanted ? ', and attach what changed' : ''}.`);
    const scanned = await rescan(
      registry,
      root,
      {
        trusts: [expected, signer && inEarlierRuns(signer.trust)].filter((one) => one !== undefined),
        ...{
          policy,
          policyDigest,
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
    const worth = inputs.attach && saysMore(scanned, inputs['attach-after'] ?? 0, services.clock());
    if (inputs.attach && !worth)
      job.log.info('Nothing to attach: the newest attached scan and verdict have the same results.');
    const outcome = !worth ? 0 : (denied ?? (await tryToAttach(scanned, registry, signer, services)));
    const attached = outcome instanceof TidegateError ? 0 : outcome;
    await report(scanned, { ...{ inputs, job, policy, reportDir, name, attached } });
    const outputs = {
      layout: '',
      digest: root.digest,
      platforms: JSON.stringify(platformDigests(scanned.target.image)),
      ...{ reference: name, attached: String(attached) },
      ...scanOutputs(scanned.scans, scanned.verdict.passed, reportDir),
    };
    if (outcome instanceof TidegateError && !scanned.verdict.passed)
      job.log.warning(`${outcome.message} ${outcome.next}`);
    try {
      assertStillPassed(scanned.verdict, inputs.image);
      if (outcome instanceof TidegateError) throw outcome;
    } catch (error) {
      failWithOutputs(error, outputs);
    }
    return outputs;
  });
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

/** Earlier rescans were runs of this workflow and repository, at other commits. */
function inEarlierRuns(trust: Trust): Trust {
  return trust.identities ? { ...trust, identities: trust.identities.map(inLaterRuns) } : trust;
}

interface Reported {
  readonly inputs: ScanInputs;
  readonly job: Job;
  readonly policy: Policy;
  readonly reportDir: string;
  /** By digest. */
  readonly name: string;
  readonly attached: number;
}

async function report(scanned: Rescanned, { inputs, job, policy, reportDir, name, attached }: Reported): Promise<void> {
  const { target, scans, sboms, verdict, before } = scanned;
  logScan(scanned, job);
  const views = await platformViews(target, policy, scans, job.clock());
  const facts: SummaryFacts = job.redacted({
    ...(await scanFacts({ target, policy, scans, sboms, views, verdict }, job)),
    name: inputs.image,
    rescan: {
      attached,
      since: scans.flatMap(({ platform, evidence }) => {
        const last = before.get(evidence.subject);
        return last ? [{ platform, on: last.finishedOn, before: last.findings, now: evidence.findings }] : [];
      }),
    },
    references: [name],
  });
  const markdown = summaryMarkdown(facts);
  await job.summarise(markdown, !verdict.passed);
  const { registry, repository } = parseImage(inputs.image).reference;
  // Uses the name that the publishing run used, so that both runs share their code scanning alerts.
  const image = `${registry}/${repository}`;
  const { token } = inputs;
  await reportFindings({ image, target, verdict, views, facts, reportDir, token }, inputs, job);
}
