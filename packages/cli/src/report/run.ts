import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  badInput,
  counted,
  type Digest,
  digestOf,
  type Evidence,
  formatExactPlatform,
  formatReference,
  hexOf,
  type Policy,
  type ScanEvidence,
  TidegateError,
  type Verdict,
} from '@tidegate/core';
import {
  fetchTarget,
  judgeBeforeSigning,
  judgePublished,
  openTarget,
  type PlatformScan,
  type Target,
  TRUST_NONE,
} from '@tidegate/pipeline';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { makeFolder, temporaryFolder } from '@tidegate/tools';
import { outputFolder } from '../../../../actions/support/build/output-folder.ts';
import { existingLayout } from '../../../../actions/support/layout-folder.ts';
import { loadedPolicy } from '../../../../actions/support/policy/policy.ts';
import { imageOf } from '../../../../actions/support/registry/image.ts';
import { platformViews } from '../../../../actions/support/registry/platform-view.ts';
import { registryOf } from '../../../../actions/support/registry/registry.ts';
import { htmlPath, jsonPath, reportFindings, sarifPath } from '../../../../actions/support/reports/findings-report.ts';
import { scanFacts } from '../../../../actions/support/reports/report.ts';
import { NO_TOOLS, withServices } from '../../../../actions/support/services.ts';
import { signersOf } from '../../../../actions/verify-image/expected-signer.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const folder = await layoutNamed(inputs.image, job);
  if (inputs.image && !folder) return published(inputs, job);
  const idle = SIGNERS.find((name) => inputs[name] !== '');
  if (idle) throw noEffect(idle);
  const layout = await existingLayout({ ...inputs, layout: folder ?? inputs.layout }, job);
  const target = await openTarget(layout);
  const { policy } = await loadedPolicy(inputs, job);
  return withServices(job, NO_TOOLS, async (services) => {
    const { evidence, verdict } = await judgeBeforeSigning(target, policy, TRUST_NONE, services);
    const name = target.image.root.digest;
    return reported({ target, policy, evidence, verdict, name, beside: join(layout, '..') }, inputs, job);
  });
}

const SIGNERS = ['workflow', 'certificate-identity', 'certificate-identity-regexp', 'verification-key'] as const;

function noEffect(name: string): TidegateError {
  const next = 'Name a published image, or remove it: a layout is judged as before it is signed.';
  return badInput('input-conflict', name, '', 'an image in a registry as well', next);
}

/** The argument of the command may be a folder: a layout has a file that no image name has. */
async function layoutNamed(text: string, { workspace }: Job): Promise<string | undefined> {
  if (text === '') return undefined;
  const folder = resolve(workspace, text);
  const marker = await stat(join(folder, 'oci-layout')).catch(() => undefined);
  // No name of an image begins like a path: reading this one as a layout says what is wrong with it.
  return marker?.isFile() || /^[./]/.test(text) ? folder : undefined;
}

/** Signatures are verified as by verify-image. Manifests are fetched, layers are not. */
async function published(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  if (inputs.layout || inputs.name) {
    throw badInput('input-conflict', 'layout', inputs.layout || inputs.name, 'no value, because image is set', ONE);
  }
  const { trust } = await signersOf(inputs, job);
  const { policy } = await loadedPolicy(inputs, job);
  const reference = imageOf(inputs.image, job);
  const registry = registryOf(reference, inputs, job, 'pull');
  const { signal } = job;
  const root = await registry.resolve(reference.digest ?? reference.tag ?? 'latest', { signal });
  const name = formatReference({ ...reference, tag: undefined, digest: root.digest });
  job.log.info(`Read the published evidence of ${name}.`);
  const now = job.clock();
  const { image, verdict, evidence, notJudged, refused } = await judgePublished(
    registry,
    root,
    { policy, trust, now },
    job,
  );
  if (refused.length > 0)
    job.log.notice(`${counted(refused.length, 'signature')} of others ignored: ${refused[0]?.why}`);
  if (refused.length > 0 && evidence.length === 0) throw notOfSigner(name, refused.length);
  if (notJudged.length > 0) {
    job.log.notice(`Not judged, because it is not published: ${notJudged.join(', ')}.`);
  }
  const work = await temporaryFolder(job.temp, 'tidegate-report-');
  try {
    const target = await fetchTarget(registry, image, join(work, 'image'), { signal });
    for (const [at, one] of evidence.entries()) {
      target.evidence.addStated(one.subject, digestOf(`published ${at}`), [one]);
    }
    const beside = join(job.temp, 'tidegate', 'published', hexOf(root.digest).slice(0, 12));
    return await reported({ target, policy, evidence, verdict, name, beside }, inputs, job);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Nothing is known about the scan: the image may have one that another signer made. */
function notOfSigner(name: string, others: number): TidegateError {
  return new TidegateError(
    'verification-failed',
    `${name} has no evidence by this signer: none of its ${counted(others, 'signature')} is trusted.`,
    { next: 'Name the signer of the image: its key, or the workflow that published it.' },
  );
}

const ONE = 'Name one of them.';

interface Reported {
  readonly target: Target;
  readonly policy: Policy;
  readonly evidence: readonly Evidence[];
  readonly verdict: Verdict;
  readonly name: string;
  /** Folder for the reports' default folder. */
  readonly beside: string;
}

async function reported(
  { target, policy, evidence, verdict, name, beside }: Reported,
  inputs: Inputs<typeof action>,
  job: Job,
): Promise<Outputs<typeof action>> {
  const scans = scansOf(
    target,
    evidence.flatMap((one) => (one.kind === 'scan' ? [one] : [])),
  );
  if (scans.length === 0) {
    throw new TidegateError('layout-not-scanned', `${name} has no scan.`, {
      next: 'Run tidegate scan, or tidegate scan IMAGE for a published image: both write the reports.',
    });
  }
  const reportDir = await outputFolder('report-dir', inputs['report-dir'], join(beside, 'report'), job);
  await makeFolder(reportDir);
  const views = await platformViews(target, policy, scans, job.clock());
  const facts = await scanFacts({ target, policy, scans, views, verdict }, job);
  const wanted = { 'upload-sarif': false, comment: false };
  for (const { rule, why, outcome } of verdict.rules) {
    if (outcome === 'fail') job.log.info(`FAIL  ${rule}: ${why}`);
  }
  if (!verdict.passed) job.log.info(HINT);
  await reportFindings({ image: name, target, verdict, views, facts, reportDir, token: '' }, wanted, job);
  return {
    verdict: verdict.passed ? 'pass' : 'fail',
    'html-path': htmlPath(reportDir),
    'json-path': jsonPath(reportDir),
    'sarif-path': sarifPath(reportDir),
  };
}

const HINT =
  'Judged by the policy file of the work tree and the flags of this command. If the image was made with other flags, such as --allow-empty-sbom, give them here as well.';

/** The newest scan of each platform. */
function scansOf({ image }: Target, found: readonly ScanEvidence[]): readonly PlatformScan[] {
  const newest = new Map<Digest, ScanEvidence>();
  for (const one of found.toSorted((a, b) => a.finishedOn.getTime() - b.finishedOn.getTime())) {
    newest.set(one.subject, one);
  }
  return image.platforms.flatMap(({ platform, descriptor }) => {
    const evidence = newest.get(descriptor.digest);
    return evidence ? [{ platform: formatExactPlatform(platform), report: '', evidence }] : [];
  });
}
