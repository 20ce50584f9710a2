import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  blockingFindings,
  type CauseMap,
  causeOf,
  counted,
  type Digest,
  type Finding,
  fixSentence,
  type Policy,
  placeOf,
  type SarifRun,
  sarifLog,
  scanRun,
} from '@tidegate/core';
import { causesOf, type PlatformScan, type Target } from '@tidegate/pipeline';
import { commentOnPullRequest, type InputSpec, type Job, uploadSarif } from '@tidegate/runner';

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

async function causesIn(target: Target, subject: Digest): Promise<CauseMap | undefined> {
  const one = target.image.platforms.find(({ descriptor }) => descriptor.digest === subject);
  return one && causesOf(target, one);
}

/** GitHub shows ten annotations of a step, and drops the rest without a word. */
const MOST_ANNOTATIONS = 5;

/** What shuts the gate, on the line that brought it in: one annotation for a line, worst first. */
function annotate(blocking: readonly Finding[], causes: CauseMap, platform: string, job: Job): void {
  const lines = new Map<string, Finding[]>();
  for (const finding of blocking) {
    const place = placeOf(causeOf(finding, causes));
    if (!place) continue;
    const key = `${place.line} ${place.file}`;
    lines.set(key, [...(lines.get(key) ?? []), finding]);
  }
  for (const findings of [...lines.values()].slice(0, MOST_ANNOTATIONS)) {
    const [worst] = findings;
    const cause = worst && causeOf(worst, causes);
    const place = placeOf(cause);
    if (!worst || !place) continue;
    const more = findings.length > 1 ? ` and ${counted(findings.length - 1, 'more finding')}` : '';
    job.log.warning(
      `${worst.id} (${worst.severity}) in ${worst.package.name} ${worst.package.version}${more} on ${platform}: ${fixSentence(worst, cause)}.`,
      { file: place.file, line: place.line, title: 'Shuts the gate' },
    );
  }
}

/**
 * Write SARIF beside the reports, and tell GitHub what the user wants told. What GitHub does not take is a warning: it
 * changes nothing about the image.
 * @returns the file's path
 */
export async function reportFindings(report: FindingsReport, inputs: Wanted, job: Job): Promise<string> {
  const { image, scans, source, reportDir, target, token } = report;
  const runs = await Promise.all(
    scans.map(async ({ platform, evidence }) => {
      const { findings } = evidence;
      const causes = findings.length > 0 ? await causesIn(target, evidence.subject) : undefined;
      const where = causes
        ? { placeOf: (finding: Finding) => placeOf(causeOf(finding, causes)), dockerfile: causes.origin.file }
        : { dockerfile: 'Dockerfile' };
      if (causes) annotate(blockingFindings(report.policy, findings), causes, platform, job);
      return scanRun({ image, platform, findings, ...where });
    }),
  );
  const sarif = JSON.stringify(sarifLog([...(source ? [source] : []), ...runs]));
  const path = sarifPath(reportDir);
  await writeFile(path, sarif);
  if (inputs['upload-sarif']) await uploadSarif(job, token, sarif);
  if (inputs.comment) await commentOnPullRequest(job, token, image, report.markdown);
  return path;
}
