import { baseName, type Cause } from '../cause/cause.ts';
import { blockingFindings } from '../gate/findings.ts';
import { fixesInLine } from '../gate/fix.ts';
import type { Policy, RuleName, Verdict } from '../policy.ts';
import { escapeMarkdown, inlineCode } from '../text/markdown.ts';
import { clipped, counted } from '../text/wording.ts';
import { type Fix, fixesFor } from './fixes.ts';
import type { MergedFinding } from './merged.ts';
import { NEXT_STEP } from './next-step.ts';

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
  const lines = fixLines(fixesFor(shut ? mended : fixable), shut ? MOST : MOST_WHEN_OPEN);
  for (const rule of failed) {
    if (mended.length === 0 || !BY_SEVERITY.includes(rule)) lines.push(`${NEXT_STEP[rule]} (${rule})`);
  }
  if (lines.length === 0) return '';
  return `### ${shut ? 'What to do' : 'Recommended upgrades'}\n\n${lines.map((line, at) => `${at + 1}. ${line}`).join('\n')}`;
}

/** One line per change. */
function fixLines(fixes: readonly Fix[], most: number): string[] {
  const lines = fixes.slice(0, most).map(fixLine);
  if (fixes.length > lines.length) lines.push(`${counted(fixes.length - lines.length, 'more change')} not shown.`);
  return lines;
}

function fixLine(fix: Fix): string {
  const { cause, findings, kind, name, packages, removes, state, to, worst } = fix;
  const { id = '' } = removes.advisories[0] ?? {};
  const more = removes.advisories.length > 1 ? ` and ${removes.advisories.length - 1} more` : '';
  const closes = `(${worst}: ${escapeMarkdown(id)}${more})`;
  if (kind === 'base') {
    const named = packages.slice(0, MOST_NAMED).map((each) => inlineCode(each.name));
    const others =
      packages.length > named.length ? ` and ${counted(packages.length - named.length, 'more package')}` : '';
    const than = cause ? origin(cause) : inlineCode(name);
    return `Take a newer base image than ${than} ${closes}: it fixes ${named.join(', ')}${others}.`;
  }
  const versionsHere = new Set(packages.map(({ version }) => version));
  const [version = ''] = versionsHere.size === 1 ? versionsHere : [];
  const several = packages.length > 1 ? ` (${counted(packages.length, 'package')})` : '';
  const subject = `${inlineCode(name)}${several}${version === '' ? '' : ` ${escapeMarkdown(version)}`}`;
  const located = findings[0]?.locations[0];
  const path = located && kind === 'package' ? `, in ${inlineCode(clipped(located))}` : '';
  const from = `${declared(fix)}${cause ? `, from ${origin(cause)}` : ''}`;
  if (state === 'other-line') {
    const versions = bold(to).join(', ');
    return `${subject} is fixed only in ${versions}, another release line ${closes}${path}${from}: upgrade to it, replace it, or wait.`;
  }
  if (state === 'wont-fix')
    return `${subject}: the vendor will not fix this ${closes}${path}${from}. Replace or remove it.`;
  if (state === 'none') return `${subject} has no fix yet ${closes}${path}${from}: replace it, remove it, or wait.`;
  const how = kind === 'system-source' && !cause ? ', with a newer base image or the package manager' : '';
  return `Upgrade ${subject} to ${target(fix)}${how} ${closes}${path}${from}.`;
}

const LONGEST_INSTRUCTION = 80;

/** The file to edit. */
function declared({ declaredIn }: Fix): string {
  if (!declaredIn) return '';
  const line = declaredIn.line === undefined ? '' : `:${declaredIn.line}`;
  return `, declared in ${inlineCode(`${clipped(declaredIn.file)}${line}`)}`;
}

/** `Dockerfile:7` and its instruction. */
function origin(cause: Cause): string {
  const { file, origin: made } = cause;
  const place = made.line === undefined ? '' : inlineCode(`${clipped(file)}:${made.line}`);
  if (made.kind === 'base') return `${inlineCode(baseName(made))}${place === '' ? '' : ` (${place})`}`;
  return `${place} (${inlineCode(clipped(made.text, LONGEST_INSTRUCTION))})`;
}

function target({ choice, to }: Fix): string {
  const named = bold(to);
  if (named.length < 2) return named.join('') || 'a fixed version';
  return choice === 'any' ? named.join(' or ') : `the newest of ${named.join(', ')}`;
}

function bold(versions: readonly string[]): readonly string[] {
  return versions.slice(0, MOST_NAMED).map((version) => `**${escapeMarkdown(version)}**`);
}
