import { join } from 'node:path';
import { badInput, inlineCode, parseImage, type Repository, summaryMarkdown, together } from '@tidegate/core';
import {
  assertPassed,
  beforeSigning,
  dropBaseline,
  judge,
  keepBaseline,
  keepContents,
  lookInto,
  openTarget,
  platformDigests,
  recordVerdict,
  scan,
  scanUncatalogued,
  TRUST_NONE,
  updateDatabase,
} from '@tidegate/pipeline';
import { commentingFailure, failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { scanBaseline } from '../support/baseline.ts';
import { withDeclared } from '../support/build/declaring-files.ts';
import { builderId } from '../support/build/origin.ts';
import { outputFolder } from '../support/build/output-folder.ts';
import { databaseOptions } from '../support/database.ts';
import { existingLayout } from '../support/layout-folder.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { platformViews } from '../support/registry/platform-view.ts';
import { reportFindings } from '../support/reports/findings-report.ts';
import { logScan, nameOf, scanFacts } from '../support/reports/report.ts';
import { withServices } from '../support/services.ts';
import { action } from './action.ts';
import { scanOutputs } from './outputs.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  if (inputs.image === '') {
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
  if (inputs.destination !== '') {
    throw badInput(
      'input-conflict',
      'destination',
      inputs.destination,
      'no value, because image is set',
      "Remove it: the verdict on a published image names the image's own repository.",
    );
  }
  // Signing and verifying take half of an action's start-up time, and a layout needs neither.
  const { scanPublished } = await import('./published.ts');
  return scanPublished(inputs, job);
}

async function scanLayout(
  inputs: Inputs<typeof action>,
  job: Job,
  onReported: () => void,
): Promise<Outputs<typeof action>> {
  const layout = await existingLayout(inputs, job);
  const target = await openTarget(layout);
  job.log.info(`Scan ${target.image.root.digest} and evaluate the gate; nothing is published.`);
  const destination = inputs.destination ? destinationOf(inputs.destination, job) : undefined;
  const loaded = await loadedPolicy(inputs, job);
  const { policy, digest: policyDigest, database: databasePolicy } = loaded;
  const reportDir = await outputFolder('report-dir', inputs['report-dir'], join(layout, '..', 'scan'), job);
  const database = await databaseOptions(inputs, databasePolicy, job);
  return withServices(job, inputs, async (services) => {
    const [[first, scanning], read, baseline] = await together(services.signal, (signal) => {
      const inner = { ...services, signal };
      return [
        updateDatabase(database, inner).then(async (found) => {
          const options = { policy, database: found, reportDir };
          return [await scan(target, options, inner), options] as const;
        }),
        policy.contents ? lookInto(target, policy.contents, inner) : Promise.resolve([]),
        scanBaseline(loaded, destination, inputs, job, inner),
      ];
    });
    await keepContents(target, read);
    const scans = await scanUncatalogued(target, read, first, scanning, services);
    await (baseline ? keepBaseline(target, baseline) : dropBaseline(target));
    const judged = await judge(target, beforeSigning(policy), TRUST_NONE, services, destination);
    const { verdict } = judged;
    const outputs = {
      layout,
      digest: target.image.root.digest,
      platforms: JSON.stringify(platformDigests(target.image)),
      ...{ reference: '', attached: '' },
      ...scanOutputs(scans, verdict.passed, reportDir),
    };
    logScan({ scans, verdict }, job);
    const found = await platformViews(target, policy, scans, job.clock());
    const views = await withDeclared(found, { token: inputs.token }, job, services);
    const facts = job.redacted(await scanFacts({ target, policy, scans, views, contents: read, verdict }, job));
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
    await recordVerdict(target, judged, { policyDigest, verifier: { id: builderId(job) }, destination });
    return outputs;
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
