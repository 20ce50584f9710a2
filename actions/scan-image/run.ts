import { join } from 'node:path';
import {
  badInput,
  inlineCode,
  parseImage,
  type Repository,
  summaryMarkdown,
  TidegateError,
  together,
} from '@tidegate/core';
import { writeWithoutLayers } from '@tidegate/oci';
import {
  assertPassed,
  dropBaseline,
  judgeBeforeSigning,
  keepBaseline,
  keepContents,
  liveChanges,
  openTarget,
  platformDigests,
  recordVerdict,
  scan,
  scanUncataloged,
  TRUST_NONE,
  updateDatabase,
} from '@tidegate/pipeline';
import { commentingFailure, failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { scanBaseline } from '../support/baseline.ts';
import { withDeclared } from '../support/build/declaring-files.ts';
import { builderId } from '../support/build/origin.ts';
import { outputFolder } from '../support/build/output-folder.ts';
import { databaseOptions } from '../support/database.ts';
import { readLayers } from '../support/layers-read.ts';
import { existingLayout } from '../support/layout-folder.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { liveImage } from '../support/registry/compared.ts';
import { imageLines } from '../support/registry/image-list.ts';
import { platformViews } from '../support/registry/platform-view.ts';
import { announceExpiring } from '../support/reports/annotations.ts';
import { nameOf } from '../support/reports/failure-comment.ts';
import { reportFindings } from '../support/reports/findings-report.ts';
import { logScan, scanFacts } from '../support/reports/report.ts';
import { withServices } from '../support/services.ts';
import { action } from './action.ts';
import { scanOutputs } from './outputs.ts';
import { assertNotTracking } from './tracking.ts';

/** Each takes seconds to minutes; more belong into a matrix. */
const MOST_IMAGES = 100;

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const named = inputs.image.length > 0 ? 'image' : 'manifests';
  if (inputs.image.length + inputs.manifests.length === 0) {
    assertNotTracking(inputs);
    let isReported = false;
    const image = nameOf(job);
    const commented = {
      ...{ action, image, token: inputs.token, isWanted: inputs.comment },
      isReported: () => isReported,
    };
    return commentingFailure(commented, job, () =>
      scanLayout(inputs, job, () => {
        isReported = true;
      }),
    );
  }
  if (inputs.destination.length > 0) {
    throw badInput(
      'input-conflict',
      'destination',
      inputs.destination.join(', '),
      `no value, because ${named} is set`,
      "Remove it: the verdict on a published image names the image's own repository.",
    );
  }
  if (inputs['destination-auths'].length > 0) {
    const next = 'Use registry-username and registry-password.';
    throw badInput('input-conflict', 'destination-auths', '***', `no value, because ${named} is set`, next);
  }
  if (inputs['evidence-dir'] !== '') {
    throw badInput(
      'input-conflict',
      'evidence-dir',
      inputs['evidence-dir'],
      `no value, because ${named} is set`,
      'Remove it: the evidence of a published image is in its registry.',
    );
  }
  // Signing and verifying take half of an action's start-up time, and a layout needs neither.
  const [{ prepare, scanPublished }, { scanSeveral }] = await Promise.all([
    import('./published.ts'),
    import('./several.ts'),
  ]);
  if (inputs.manifests.length > 0) {
    const { linesOfManifests } = await import('./manifest-images.ts');
    const lines = await linesOfManifests(inputs, MOST_IMAGES, job);
    return scanSeveral(lines, await prepare(inputs, job), inputs, job);
  }
  const lines = imageLines(inputs.image, MOST_IMAGES, job);
  const [first] = lines;
  if (lines.length === 1 && first?.reference instanceof TidegateError) throw first.reference;
  const preparation = await prepare(inputs, job);
  if (first && lines.length === 1 && !(first.reference instanceof TidegateError)) {
    return scanPublished(first.reference, preparation, inputs, job);
  }
  return scanSeveral(lines, preparation, inputs, job);
}

async function scanLayout(
  inputs: Inputs<typeof action>,
  job: Job,
  onReported: () => void,
): Promise<Outputs<typeof action>> {
  const layout = await existingLayout(inputs, job);
  const target = await openTarget(layout);
  job.log.info(`Scan ${target.image.root.digest} and evaluate the gate; nothing is published.`);
  const destinations = inputs.destination.map((text) => destinationOf(text, job));
  const [first, ...others] = destinations;
  const loaded = await loadedPolicy(inputs, job);
  const { policy, digest: policyDigest, database: databasePolicy } = loaded;
  const reportDir = await outputFolder('report-dir', inputs['report-dir'], join(layout, '..', 'scan'), job);
  const evidenceDir = await outputFolder('evidence-dir', inputs['evidence-dir'], '', job);
  const database = await databaseOptions(inputs, databasePolicy, job);
  announceExpiring(policy, job);
  return withServices(job, inputs, async (services) => {
    const [[scanned, scanning], read, baseline, live] = await together(services.signal, (signal) => {
      const inner = { ...services, signal };
      return [
        updateDatabase(database, inner).then(async (found) => {
          const options = { policy, database: found, reportDir };
          return [await scan(target, options, inner), options] as const;
        }),
        policy.contents ? readLayers(target, policy.contents, inner, job) : Promise.resolve([]),
        scanBaseline(loaded, destinations, inputs, job, inner),
        first && inputs.compare
          ? liveImage(target, [first, ...others], inputs, job, inner)
          : Promise.resolve(undefined),
      ];
    });
    await keepContents(target, read);
    const scans = await scanUncataloged(target, read, scanned, scanning, services);
    await (baseline ? keepBaseline(target, baseline) : dropBaseline(target));
    const judged = await judgeBeforeSigning(target, policy, TRUST_NONE, services, destinations);
    const { verdict } = judged;
    const outputs = {
      layout,
      digest: target.image.root.digest,
      platforms: JSON.stringify(platformDigests(target.image)),
      ...{ reference: '', attached: '', 'layout-digest': '', results: '' },
      ...scanOutputs(scans, verdict.passed, reportDir),
    };
    logScan({ scans, verdict }, job);
    const found = await platformViews(target, policy, scans, job.clock());
    const views = await withDeclared(found, { token: inputs.token }, job, services);
    const facts = job.redacted({
      ...(await scanFacts({ target, policy, scans, views, contents: read, verdict }, job)),
      changes: await liveChanges(target, live),
    });
    const markdown = summaryMarkdown(facts);
    await job.summarise(markdown + reportsLink(inputs['reports-artifact'], job), !verdict.passed);
    const { token } = inputs;
    await reportFindings({ image: facts.name, target, verdict, views, facts, reportDir, token }, inputs, job);
    onReported();
    try {
      assertPassed(verdict);
    } catch (error) {
      failWithOutputs(error, outputs);
    }
    await recordVerdict(target, judged, { policyDigest, verifier: { id: builderId(job) }, destinations });
    if (evidenceDir !== '') await writeWithoutLayers(target.layout, target.image, evidenceDir, { signal: job.signal });
    return { ...outputs, 'layout-digest': await target.layout.digest() };
  });
}

/** The artifact has no URL before the upload, so the link leads to the run's list of artifacts. */
function reportsLink(artifact: string, { env }: Job): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  if (!artifact || !server || !repository || !run) return '';
  return `\nReports and SBOMs: artifact [${inlineCode(artifact)}](${server}/${repository}/actions/runs/${run}#artifacts)\n`;
}

/** @throws TidegateError `bad-input` for the name of an image, where a repository is expected. */
function destinationOf(text: string, job: Job): Repository {
  const { reference, notice } = parseImage(text, 'destination');
  if (notice !== undefined) job.log.notice(notice);
  const { tag, digest, ...repository } = reference;
  if (tag === undefined && digest === undefined) return repository;
  throw badInput(
    'image-name-invalid',
    'destination',
    text,
    'a repository without a tag or digest',
    'Write a repository such as ghcr.io/acme/app.',
  );
}
