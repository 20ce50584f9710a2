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
import { commentBody, commentedRun, commentOnPullRequest, type Job, uploadSarif } from '@tidegate/runner';
import { replaceFile } from '@tidegate/tools';
import { type PlatformView, reportedPlatform } from '../registry/platform-view.ts';
import { annotate, warnOfLive } from './annotations.ts';

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
 * @returns number of annotated lines
 */
export async function reportFindings(report: FindingsReport, inputs: Wanted, job: Job): Promise<number> {
  // Redact before escaping or cutting: afterwards a secret may be in a form that redaction does not recognize.
  const { facts, source, verdict, views } = job.redacted({
    ...{ facts: report.facts, source: report.source, verdict: report.verdict, views: report.views },
  });
  const { image, reportDir, target, token } = report;
  const annotated = annotate(views, job);
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
  const comment = commentMarkdown(facts, commentedRun(job));
  await Promise.all([
    replaceFile(sarifPath(reportDir), sarif),
    replaceFile(htmlPath(reportDir), reportHtml(page, facts)),
    replaceFile(jsonPath(reportDir), reportJson(page, facts, source)),
    // For a job that may comment: this one may lack the permission.
    replaceFile(join(reportDir, 'comment.md'), commentBody(job, image, comment)),
  ]);
  if (inputs['upload-sarif']) await uploadSarif(job, token, sarif);
  if (inputs.comment) await commentOnPullRequest(job, token, image, comment);
  return annotated;
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
