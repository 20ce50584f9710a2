import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  causeOf,
  type Policy,
  placeOf,
  reportHtml,
  type SarifRun,
  sarifLog,
  scanRun,
  type Verdict,
} from '@tidegate/core';
import type { PlatformScan, Target } from '@tidegate/pipeline';
import { commentOnPullRequest, type InputSpec, type Job, uploadSarif } from '@tidegate/runner';
import { annotate } from './annotations.ts';
import { type PlatformView, platformViews, reportedPlatform } from './platform-view.ts';

export const findingsInputs = {
  'upload-sarif': {
    type: 'boolean',
    default: 'false',
    description: 'Give all findings to GitHub code scanning. The job needs `security-events: write`.',
  },
  comment: {
    type: 'boolean',
    default: 'false',
    description:
      'Keep one comment on the pull request that says what the summary says. The job needs `pull-requests: write`.',
  },
} as const satisfies Record<string, InputSpec>;

export const findingsOutputs = {
  'sarif-path': {
    description:
      'SARIF 2.1.0 of every finding, whatever the threshold: one run for each platform. Empty without a scan.',
  },
  'html-path': {
    description:
      'The report as one HTML page that opens offline: findings, layers, packages, the gate. Empty without a scan.',
  },
} as const;

interface FindingsReport {
  /** What the image is called. */
  readonly image: string;
  readonly scans: readonly PlatformScan[];
  /** Findings of the rules for sources, where they ran. */
  readonly source?: SarifRun;
  readonly target: Target;
  /** Whose threshold tells what is worth an annotation. */
  readonly policy: Policy;
  readonly verdict: Verdict;
  readonly reportDir: string;
  /** The job summary, escaped. */
  readonly markdown: string;
  readonly token: string;
}

interface Wanted {
  readonly 'upload-sarif': boolean;
  readonly comment: boolean;
}

export function sarifPath(reportDir: string): string {
  return join(reportDir, 'findings.sarif');
}

export function htmlPath(reportDir: string): string {
  return join(reportDir, 'report.html');
}

/**
 * Write SARIF and the HTML report beside the scanner's reports, annotate the lines that shut the gate, and tell GitHub
 * what the user wants told. What GitHub does not take is a warning: it changes nothing about the image.
 */
export async function reportFindings(report: FindingsReport, inputs: Wanted, job: Job): Promise<void> {
  const { image, markdown, policy, reportDir, scans, source, target, token, verdict } = report;
  const views = await platformViews(target, policy, scans, job.clock());
  for (const view of views) annotate(view, job);
  const sarif = JSON.stringify(sarifLog([...(source ? [source] : []), ...views.map((view) => runOf(image, view))]));
  const html = reportHtml({
    name: image,
    digest: target.image.root.digest,
    passed: verdict.passed,
    rules: verdict.rules,
    platforms: await Promise.all(views.map((view) => reportedPlatform(target, view))),
  });
  await Promise.all([writeFile(sarifPath(reportDir), sarif), writeFile(htmlPath(reportDir), html)]);
  if (inputs['upload-sarif']) await uploadSarif(job, token, sarif);
  if (inputs.comment) await commentOnPullRequest(job, token, image, markdown);
}

function runOf(image: string, { causes, findings, platform, silenced }: PlatformView): SarifRun {
  return scanRun({
    image,
    platform,
    findings,
    dockerfile: causes?.origin.file ?? 'Dockerfile',
    silenced: (finding) => {
      const by = silenced.get(finding);
      return by && `${by.from}: ${by.reason}`;
    },
    ...(causes ? { placeOf: (finding) => placeOf(causeOf(finding, causes)) } : {}),
  });
}
