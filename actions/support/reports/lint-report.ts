/** Findings of the source rules as annotations, log, summary and files. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  clipped,
  columns,
  counted,
  escapeMarkdown,
  folded,
  inlineCode,
  sarifLog,
  sourceRun,
  table,
} from '@tidegate/core';
import type { LintReport } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { LEVELS, type Level, type SourceFinding } from '@tidegate/source';
import { makeFolder } from '@tidegate/tools';
import { byGravity, fails, lintAnnotations, type OtherAnnotations } from './lint-annotations.ts';

const MOST_ROWS = 100;
/** In the summary before the fold, which has under 300 words. */
const MOST_SHOWN = 5;
const LONGEST_SHOWN = 120;

/** The same beside a build: sources without a finding, reported or suppressed, are not mentioned. */
export async function reportLintBeside(
  found: LintReport | undefined,
  failOn: Level | 'none',
  job: Job,
  others?: OtherAnnotations,
): Promise<void> {
  if (found && (found.findings.length > 0 || found.ignored > 0)) await report(found, { failOn, others }, job);
}

/** The report of the action that does nothing else. */
export async function reportLint(found: LintReport, failOn: Level | 'none', job: Job): Promise<void> {
  await report(found, { failOn, isOwn: true }, job);
}

interface Manner {
  readonly failOn: Level | 'none';
  /** The section is all of the summary. */
  readonly isOwn?: boolean;
  readonly others?: OtherAnnotations | undefined;
}

/** Annotations on the lines, the log's table and the summary's section. */
async function report(found: LintReport, { failOn, isOwn = false, others }: Manner, job: Job): Promise<void> {
  const lint = job.redacted(found);
  const findings = byGravity(lint.findings);
  job.log.info(`${checkedText(lint)}: ${counted(findings.length, 'finding')}${ignoredText(lint)}.`);
  if (findings.length > 0) job.log.info(logTable(findings.slice(0, MOST_ROWS)));
  if (findings.length > MOST_ROWS)
    job.log.info(`${counted(findings.length - MOST_ROWS, 'more finding is', 'more findings are')} in the report.`);
  for (const { message, ...at } of lintAnnotations(findings, failOn, others)) {
    job.log.warning(message, { ...at, isLogged: true });
  }
  const isFailed = findings.some((finding) => fails(finding, failOn));
  await job.summarise(lintMarkdown(lint, failOn, isOwn), isFailed);
}

function checkedText({ dockerfiles, others }: LintReport): string {
  return `Checked ${counted(dockerfiles, 'Dockerfile')} and ${counted(others, 'other file')}`;
}

function ignoredText({ ignored }: LintReport): string {
  return ignored > 0 ? `, ${ignored} suppressed with a reason` : '';
}

/**
 * The summary's section: findings that fail the run first, in a table of at most five rows; everything else is folded.
 * Every text from the repository is escaped.
 * @param isOwn the section is all of the summary, and needs a headline without a failure, too
 */
export function lintMarkdown(lint: LintReport, failOn: Level | 'none', isOwn = true): string {
  const findings = byGravity(lint.findings);
  const failing = findings.filter((finding) => fails(finding, failOn));
  const levels = countsText(findings);
  const parts = [];
  if (failing.length > 0) {
    parts.push(`## ❌ Source rules failed: ${countsText(failing)}`);
    parts.push(table(['Where', 'Finding', 'Fix'], failing.slice(0, MOST_SHOWN).map(shortRow)));
    if (failing.length > MOST_SHOWN) parts.push(`${counted(failing.length - MOST_SHOWN, 'more finding')} below.`);
  } else if (isOwn) {
    parts.push(`## ✅ Source rules passed${findings.length > 0 ? `: ${levels}` : ''}`);
    parts.push(`${checkedText(lint)}${ignoredText(lint)}.`);
  }
  // All findings are in the table above.
  const isWhole = failing.length === findings.length && failing.length <= MOST_SHOWN;
  if (findings.length > 0 && !isWhole) parts.push(folded(`Sources: ${levels}`, wholeTable(findings)));
  else if (findings.length === 0 && !isOwn) parts.push(`${checkedText(lint)}: no finding${ignoredText(lint)}.`);
  return `${parts.join('\n\n')}\n`;
}

/** `2 errors, 5 warnings` */
function countsText(findings: readonly SourceFinding[]): string {
  return LEVELS.flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count > 0 ? [counted(count, level)] : [];
  }).join(', ');
}

function shortRow({ file, fix, line, message, rule }: SourceFinding): readonly string[] {
  const short = (text: string) => escapeMarkdown(clipped(text, LONGEST_SHOWN));
  return [inlineCode(`${clipped(file, 100)}:${line}`), `${inlineCode(rule)} ${short(message)}`, short(fix)];
}

function wholeTable(findings: readonly SourceFinding[]): string {
  const rows = findings
    .slice(0, MOST_ROWS)
    .map((finding) => [
      finding.level,
      [finding.rule, ...(finding.also ?? [])].map((rule) => inlineCode(rule)).join(' '),
      inlineCode(`${clipped(finding.file, 100)}:${finding.line}`),
      escapeMarkdown(clipped(finding.message, 300)),
      escapeMarkdown(clipped(finding.fix, 300)),
    ]);
  const more =
    findings.length > MOST_ROWS
      ? `\n\n${counted(findings.length - MOST_ROWS, 'more finding is', 'more findings are')} in the report.`
      : '';
  return `${table(['Level', 'Rule', 'Location', 'Finding', 'Fix'], rows)}${more}`;
}

/** A line for each finding, and below it how to fix it, unless the line above has the same fix. */
function logTable(findings: readonly SourceFinding[]): string {
  const inLine = (text: string, longest: number) => clipped(text.split('\n').join(' '), longest);
  const rows = findings.map(({ level, rule, also = [], file, line, message }) => [
    level.toUpperCase(),
    `${inLine(file, 60)}:${line}`,
    [rule, ...also].join(', '),
    inLine(message, 160),
  ]);
  const lines = columns(rows, 60).split('\n');
  return lines
    .flatMap((line, at) => {
      const fix = findings[at]?.fix;
      return fix === undefined || fix === findings[at + 1]?.fix ? [line] : [line, `  → ${inLine(fix, 300)}`];
    })
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
