import { baseName, type Cause } from '../cause/cause.ts';
import { blockingFindings } from '../gate/findings.ts';
import { fixesInLine } from '../gate/fix.ts';
import type { Policy, RuleName, Verdict } from '../policy.ts';
import { escapeMarkdown, inlineCode } from '../text/markdown.ts';
import { clipped, counted } from '../text/wording.ts';
import type { MergedFinding } from './merged.ts';
import { NEXT_STEP } from './next-step.ts';
import { type Remedy, remediesFor } from './remedies.ts';

/** A date at which no grace time is running. */
const NO_DATE = new Date(Number.NaN);
const MOST = 10;
const MOST_WHEN_OPEN = 3;
const MOST_NAMED = 5;
const BY_SEVERITY: readonly RuleName[] = ['severity-threshold', 'severity-unknown'];

/**
 * The next steps after a failed gate: upgrades first, then a step for each other rule. After a passed gate: the best
 * upgrades.
 */
export function adviceSection(
  { verdict, policy }: { readonly verdict?: Verdict; readonly policy?: Policy },
  findings: readonly MergedFinding[],
): string {
  const failed = new Set(verdict?.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule));
  const shut = verdict !== undefined && !verdict.passed;
  const bySeverity = policy && BY_SEVERITY.some((rule) => failed.has(rule));
  const failing = findings.filter(({ alreadyLive }) => alreadyLive !== true);
  const mended = bySeverity ? blockingFindings(policy, failing, verdict?.decidedOn ?? NO_DATE) : [];
  const fixable = findings.filter((finding) => fixesInLine(finding).length > 0);
  const lines = remedyLines(remediesFor(shut ? mended : fixable), shut ? MOST : MOST_WHEN_OPEN);
  for (const rule of failed) {
    if (mended.length === 0 || !BY_SEVERITY.includes(rule)) lines.push(`${NEXT_STEP[rule]} (${rule})`);
  }
  if (lines.length === 0) return '';
  return `### ${shut ? 'What to do' : 'Recommended upgrades'}\n\n${lines.map((line, at) => `${at + 1}. ${line}`).join('\n')}`;
}

/**
 * One line per remedy; those that one newer base image brings share a line, at the position of the first. A newer base
 * image does not fix what an instruction of the Dockerfile installed.
 */
function remedyLines(remedies: readonly Remedy[], most: number): string[] {
  const fromBase = remedies.filter(
    ({ cause, fixedIn, fromDistribution }) =>
      fixedIn.length > 0 && fromDistribution && cause?.origin.kind !== 'instruction',
  );
  const together = fromBase.length > 1 ? fromBase : [];
  const all = remedies.flatMap((remedy) => {
    if (!together.includes(remedy)) return [remedyLine(remedy)];
    return remedy === together[0] ? [baseLine(together)] : [];
  });
  const lines = all.slice(0, most);
  if (all.length > lines.length) lines.push(`${counted(all.length - lines.length, 'more package')} not shown.`);
  return lines;
}

function remedyLine(remedy: Remedy): string {
  const { advisories, cause, fixedIn, fromDistribution, locations, onlyIn, worst } = remedy;
  const [first = ''] = advisories;
  const more = advisories.length > 1 ? ` and ${advisories.length - 1} more` : '';
  const closes = `(${worst}: ${escapeMarkdown(clipped(first))}${more})`;
  const name = `${inlineCode(clipped(remedy.package.name))} ${escapeMarkdown(clipped(remedy.package.version))}`;
  const path = locations[0] && !fromDistribution ? `, in ${inlineCode(clipped(locations[0]))}` : '';
  const from = cause ? `, from ${origin(cause)}` : '';
  if (onlyIn.length > 0) {
    const others = versions(onlyIn).join(', ');
    return `${name} is fixed only in ${others}, another release line ${closes}${path}${from}: upgrade to it, replace it, or wait.`;
  }
  if (fixedIn.length === 0) return `${name} has no fix yet ${closes}${path}${from}: replace it, remove it, or wait.`;
  if (cause?.origin.kind === 'base') {
    const or = fromDistribution
      ? `, or upgrade ${name} to ${target(remedy)} after it`
      : `, with ${name} at ${target(remedy)}`;
    return `Take a newer base image than ${origin(cause)}${or} ${closes}${path}.`;
  }
  if (cause) return `Upgrade ${name} to ${target(remedy)} in ${origin(cause)} ${closes}${path}.`;
  const how = fromDistribution ? ', with a newer base image or the package manager' : '';
  return `Upgrade ${name} to ${target(remedy)}${how} ${closes}${path}.`;
}

const LONGEST_INSTRUCTION = 80;

/** `Dockerfile:7` and its instruction. */
function origin(cause: Cause): string {
  const { file, origin: made } = cause;
  const place = made.line === undefined ? '' : inlineCode(`${clipped(file)}:${made.line}`);
  if (made.kind === 'base') return `${inlineCode(baseName(made))}${place === '' ? '' : ` (${place})`}`;
  return `${place} (${inlineCode(clipped(made.text, LONGEST_INSTRUCTION))})`;
}

function target({ choice, fixedIn }: Remedy): string {
  const named = versions(fixedIn);
  if (named.length < 2) return named.join('');
  return choice === 'any' ? named.join(' or ') : `the newest of ${named.join(', ')}`;
}

function versions(list: readonly string[]): readonly string[] {
  return list.slice(0, MOST_NAMED).map((version) => `**${escapeMarkdown(clipped(version))}**`);
}

function baseLine(remedies: readonly Remedy[]): string {
  const named = remedies
    .slice(0, MOST_NAMED)
    .map((remedy) => `${inlineCode(clipped(remedy.package.name))} to ${target(remedy)}`);
  const more = remedies.length > named.length ? ` and ${counted(remedies.length - named.length, 'more package')}` : '';
  const closed = new Set(remedies.flatMap(({ advisories }) => advisories)).size;
  const closes = `${remedies[0]?.worst ?? 'unknown'}, ${counted(closed, 'advisory', 'advisories')}`;
  const cause = remedies.find((remedy) => remedy.cause)?.cause;
  const than = cause ? ` than ${origin(cause)}` : '';
  return `Take a newer base image${than}, or upgrade in the Dockerfile: ${named.join(', ')}${more} (${closes}).`;
}
