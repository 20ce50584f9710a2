import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  causeOf,
  commentMarkdown,
  type Finding,
  fixSentence,
  type HtmlReport,
  MOST_RESULTS,
  packageKey,
  placeToChange,
  reportHtml,
  reportJson,
  type SarifRun,
  type SourceFinding,
  type SummaryFacts,
  sarifLog,
  scanRun,
  sourceRun,
  type Verdict,
} from '@tidegate/core';
import type { Target } from '@tidegate/pipeline';
import { commentedRun, commentOnPullRequest, type InputSpec, type Job, uploadSarif } from '@tidegate/runner';
import { type PlatformView, reportedPlatform } from '../registry/platform-view.ts';
import { annotate, warnOfLive } from './annotations.ts';

export const findingsInputs = {
  'upload-sarif': {
    type: 'boolean',
    default: 'false',
    description: 'Upload all findings to GitHub code scanning. The job needs `security-events: write`.',
  },
  comment: {
    type: 'boolean',
    default: 'false',
    description:
      'Keep one comment with the result and its changes on the pull request. The job needs `pull-requests: write`.',
  },
} as const satisfies Record<string, InputSpec>;

export const findingsOutputs = {
  'sarif-path': {
    description: 'SARIF 2.1.0 file with every finding of any severity: one run per platform. Empty without a scan.',
  },
  'json-path': {
    description:
      'JSON report ([schema](https://github.com/tidegate/tidegate/blob/main/schema/tidegate-report.schema.json)): verdict, findings with cause and fix, layers, packages, changes. Empty without a scan.',
  },
  'html-path': {
    description: 'HTML report in one file that opens offline: findings, layers, packages, gate. Empty without a scan.',
  },
} as const;

interface FindingsReport {
  /** Display name of the image. */
  readonly image: string;
  readonly views: readonly PlatformView[];
  /** The facts of the job summary. */
  readonly facts: SummaryFacts;
  /** Findings of the source rules, if they ran. */
  readonly source?: readonly SourceFinding[] | undefined;
  readonly target: Target;
  readonly verdict: Verdict;
  readonly reportDir: string;
  readonly token: string;
}

interface Wanted {
  readonly 'upload-sarif': boolean;
  readonly comment: boolean;
}

export function sarifPath(reportDir: string): string {
  return join(reportDir, 'findings.sarif');
}

export function jsonPath(reportDir: string): string {
  return join(reportDir, 'report.json');
}

export function htmlPath(reportDir: string): string {
  return join(reportDir, 'report.html');
}

/**
 * Write SARIF, JSON and the HTML report beside the scanner's reports, annotate the lines that fail the gate, and upload
 * the reports that the user wants on GitHub. A failed upload is a warning: it changes nothing about the image.
 */
export async function reportFindings(report: FindingsReport, inputs: Wanted, job: Job): Promise<void> {
  // Redact before escaping or cutting: afterwards a secret may be in a form that redaction does not recognize.
  const { facts, source, verdict, views } = job.redacted({
    ...{ facts: report.facts, source: report.source, verdict: report.verdict, views: report.views },
  });
  const { image, reportDir, target, token } = report;
  annotate(views, job);
  for (const view of views) warnOfLive(view, job);
  const runs = views.map((view) => runOf(image, view));
  const sarif = sarifText([...(source ? [sourceRun(source)] : []), ...runs], job);
  const page: HtmlReport = job.redacted({
    name: image,
    digest: target.image.root.digest,
    passed: verdict.passed,
    rules: verdict.rules,
    platforms: await Promise.all(views.map((view) => reportedPlatform(target, view))),
  });
  await Promise.all([
    writeFile(sarifPath(reportDir), sarif),
    writeFile(htmlPath(reportDir), reportHtml(page, facts)),
    writeFile(jsonPath(reportDir), reportJson(page, facts, source)),
  ]);
  if (inputs['upload-sarif']) await uploadSarif(job, token, sarif);
  if (inputs.comment) await commentOnPullRequest(job, token, image, commentMarkdown(facts, commentedRun(job)));
}

/** Maximum size of an upload to code scanning, compressed, in bytes. */
const LARGEST_UPLOAD = 10_000_000;

/** Results of all runs together: a longer text does not fit into one string. */
const MOST_AT_ONCE = 100_000;

/** The log with as many results as code scanning accepts. A text below the limit is below it when compressed, too. */
function sarifText(runs: readonly SarifRun[], job: Job): string {
  const fair = Math.ceil(MOST_AT_ONCE / Math.max(1, runs.length));
  for (let most = Math.min(MOST_RESULTS, fair); ; most = Math.floor(most / 2)) {
    const text = JSON.stringify(sarifLog(runs, job.env.GITHUB_ACTION_REF, most));
    if (most <= 100 || text.length < LARGEST_UPLOAD || gzipSync(text).length < LARGEST_UPLOAD) return text;
  }
}

function runOf(image: string, { causes, declared, findings, platform, suppressed }: PlatformView): SarifRun {
  const declaredIn = (finding: Finding) => declared?.get(packageKey(finding.package));
  return scanRun({
    image,
    platform,
    findings,
    dockerfile: causes?.origin.file ?? 'Dockerfile',
    suppressed: (finding) => {
      const by = suppressed.get(finding);
      return by && `${by.from}: ${by.reason}`;
    },
    remedyOf: (finding) => fixSentence(finding, causes && causeOf(finding, causes), declaredIn(finding)),
    placeOf: (finding) => placeToChange({ cause: causes && causeOf(finding, causes), declaredIn: declaredIn(finding) }),
  });
}
