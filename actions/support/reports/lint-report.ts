/** Findings of the source rules as annotations, log, summary and files. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clipped, counted, escapeMarkdown, inlineCode, sarifLog, sourceRun, table } from '@tidegate/core';
import type { LintReport } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { LEVELS, type SourceFinding } from '@tidegate/source';
import { makeFolder } from '@tidegate/tools';

/** GitHub shows ten annotations of each kind per step, so the most severe come first. */
const MOST_ANNOTATIONS = 10;
const MOST_ROWS = 100;

/** The same beside a build: sources without a finding, reported or suppressed, are not mentioned. */
export async function reportLintBeside(found: LintReport | undefined, job: Job): Promise<void> {
  if (found && (found.findings.length > 0 || found.ignored > 0)) await reportLint(found, job);
}

/** Annotations on the lines, the log's table and the summary's section. */
export async function reportLint(found: LintReport, job: Job): Promise<void> {
  const report = job.redacted(found);
  const findings = byGravity(report.findings);
  const looked = `Checked ${counted(report.dockerfiles, 'Dockerfile')} and ${counted(report.others, 'other file')}`;
  const ignored = report.ignored > 0 ? `, ${report.ignored} suppressed with a reason` : '';
  job.log.info(`${looked}: ${counted(findings.length, 'finding')}${ignored}.`);
  if (findings.length > 0) job.log.info(logTable(findings.slice(0, MOST_ROWS)));
  if (findings.length > MOST_ROWS) job.log.info(`${findings.length - MOST_ROWS} more findings are in the report.`);
  for (const { file, line, rule, message, why, fix } of findings
    .filter(({ level }) => level !== 'note')
    .slice(0, MOST_ANNOTATIONS)) {
    job.log.warning(`${message} ${why} ${fix}`, { file, line, title: `${rule}` });
  }
  await job.summarise(lintMarkdown(report));
}

/** The summary's section. Every text from the repository is escaped. */
export function lintMarkdown(report: LintReport): string {
  const findings = byGravity(report.findings);
  const heading = '## Sources';
  if (findings.length === 0) {
    const files = counted(report.dockerfiles, 'Dockerfile');
    return `${heading}\n\nNo findings in ${files} and ${counted(report.others, 'other file')}.\n`;
  }
  const rows = findings
    .slice(0, MOST_ROWS)
    .map((finding) => [
      finding.level,
      [finding.rule, ...(finding.also ?? [])].map((rule) => inlineCode(rule)).join(' '),
      inlineCode(`${clipped(finding.file, 100)}:${finding.line}`),
      escapeMarkdown(clipped(finding.message, 300)),
      escapeMarkdown(clipped(finding.fix, 300)),
    ]);
  const more = findings.length > MOST_ROWS ? `\n\n${findings.length - MOST_ROWS} more findings are in the report.` : '';
  return `${heading}\n\n${table(['Level', 'Rule', 'Location', 'Finding', 'Fix'], rows)}${more}\n`;
}

function byGravity(findings: readonly SourceFinding[]): readonly SourceFinding[] {
  return [...findings].sort((one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level));
}

function logTable(findings: readonly SourceFinding[]): string {
  const rows = findings.map(({ level, rule, also = [], file, line, message }) => [
    level.toUpperCase(),
    `${clipped(file, 60)}:${line}`,
    [rule, ...also].join(', '),
    clipped(message, 160),
  ]);
  const widths = [0, 1, 2].map((column) => Math.min(60, Math.max(...rows.map((row) => row[column]?.length ?? 0))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** All findings as JSON and as SARIF. @returns their paths */
export async function writeLint(
  report: LintReport,
  folder: string,
  version: string | undefined,
): Promise<{ json: string; sarif: string }> {
  await makeFolder(folder);
  const [json, sarif] = [join(folder, 'source-findings.json'), join(folder, 'source-findings.sarif')];
  await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(sarif, JSON.stringify(sarifLog([sourceRun(report.findings)], version)));
  return { json, sarif };
}
