import type { Finding } from '../finding.ts';
import { worstFirst } from '../gate/findings.ts';
import { fixedOnlyIn } from '../gate/fix.ts';
import { ALL_SEVERITIES, countSeverities } from '../severity.ts';
import { visibleLine } from '../text/terminal.ts';
import { counted } from '../text/wording.ts';

const HEADERS = ['SEVERITY', 'ADVISORY', 'PACKAGE', 'VERSION', 'FIXED IN', 'TYPE'] as const;
/** Columns are shortened or dropped from the right of this list first; severity, advisory and type stay whole. */
const SHRINKABLE = [2, 4, 3] as const;
const NARROWEST = 8;
const GAP = '  ';

/**
 * Findings as a table in plain text, worst first, no line wider than `width` characters if possible. Text from outside
 * has no control characters in it; the log itself escapes text that a runner would read as a command.
 */
export function findingsTable(findings: readonly Finding[], width = 120, limit = 100): string {
  if (findings.length === 0) return 'No findings.';
  const sorted = worstFirst(findings);
  const rows = sorted.slice(0, limit).map(cells);
  const widths = fit([HEADERS, ...rows], width);
  const lines = [HEADERS, ...rows].map((row) =>
    row
      .map((cell, at) => clip(cell, widths[at] ?? 0).padEnd(widths[at] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
  const rest = sorted.slice(limit);
  if (rest.length > 0) lines.push(`and ${counted(rest.length, 'more finding')}: ${countsText(rest)}`);
  return lines.join('\n');
}

/** `2 critical, 1 high`: only severities that occur, worst first. */
export function countsText(findings: readonly Finding[]): string {
  const counts = countSeverities(findings.map(({ severity }) => severity));
  const present = ALL_SEVERITIES.filter((severity) => counts[severity] > 0);
  return present.map((severity) => `${counts[severity]} ${severity}`).join(', ') || 'none';
}

/** `1.2.3, 1.3.0`; `only in 2.0.0` of another release line; without either, the fix state of the advisory. */
export function fixText(finding: Finding): string {
  const { fix, fixedIn } = finding;
  const other = fixedOnlyIn(finding);
  if (other.length > 0) return `only in ${other.join(', ')}`;
  if (fixedIn.length > 0) return fixedIn.join(', ');
  return fix === 'wont-fix' ? 'vendor will not fix' : fix === 'not-fixed' ? 'not fixed yet' : '';
}

function cells(finding: Finding): readonly string[] {
  const { name, version, type } = finding.package;
  return [finding.severity, finding.id, name, version, fixText(finding), type].map(visibleLine);
}

function fit(rows: readonly (readonly string[])[], width: number): readonly number[] {
  const widths = HEADERS.map((_, at) => Math.max(...rows.map((row) => lengthOf(row[at] ?? ''))));
  let excess = widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1)) - width;
  for (const at of SHRINKABLE) {
    const now = widths[at] ?? 0;
    const less = Math.min(Math.max(excess, 0), Math.max(now - NARROWEST, 0));
    widths[at] = now - less;
    excess -= less;
  }
  return widths;
}

function clip(text: string, width: number): string {
  return lengthOf(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
