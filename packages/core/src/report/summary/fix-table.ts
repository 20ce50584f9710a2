import { escapeMarkdown, folded, inlineCode, table } from '../../text/markdown.ts';
import { capitalised, clipped, counted } from '../../text/wording.ts';
import { type Fix, fixesFor } from '../fixes.ts';
import type { MergedFinding } from '../merged.ts';
import type { SummaryFacts } from './facts.ts';
import type { JudgedFindings } from './judged.ts';

const MOST_FOLDED = 50;
const LONGEST_PLACE = 80;

export interface FixTables {
  /** The first fixes: all that most readers need. */
  readonly table: string;
  /** The other fixes, folded. */
  readonly rest: string;
}

/**
 * A row for each change, the most useful first. After a failed gate the changes that let the image pass, otherwise the
 * upgrades that are worth making. Names and paths are escaped here.
 * @param most number of rows that are not folded
 */
export function fixTables(facts: SummaryFacts, { all, blocking }: JudgedFindings, most: number): FixTables {
  const failed = facts.verdict !== undefined && !facts.verdict.passed;
  const counting = all.filter(({ suppressedBy }) => suppressedBy === undefined);
  const fixes = failed
    ? fixesFor([...blocking], () => true)
    : fixesFor(counting).filter(({ state }) => state === 'available');
  if (fixes.length === 0) return { table: '', rest: '' };
  const headers = [failed ? 'Change' : 'Recommended change', 'Where', 'Removes'];
  const shown = fixes.slice(0, most);
  const others = fixes.slice(most);
  const more = others.length > 0 && failed ? `\n\n${counted(others.length, 'more change')} below.` : '';
  return {
    table: `${table(headers, shown.map(row))}${more}`,
    rest: others.length > 0 ? folded(`More changes: ${others.length}`, restTable(headers, others)) : '',
  };
}

function restTable(headers: readonly string[], fixes: readonly Fix<MergedFinding>[]): string {
  const more =
    fixes.length > MOST_FOLDED
      ? `\n\n${counted(fixes.length - MOST_FOLDED, 'more change is', 'more changes are')} not shown.`
      : '';
  return `${table(headers, fixes.slice(0, MOST_FOLDED).map(row))}${more}`;
}

function row(fix: Fix<MergedFinding>): readonly string[] {
  return [escapeMarkdown(capitalised(clipped(fix.change, 200))), whereText(fix), removesText(fix)];
}

/** The line to edit; for an image that was built elsewhere the path in the image. */
function whereText({ declaredIn, findings, place }: Fix<MergedFinding>): string {
  const path = findings[0]?.locations[0];
  if (place) {
    const line = declaredIn && declaredIn.line === undefined ? '' : `:${place.line}`;
    return inlineCode(`${clipped(place.file, LONGEST_PLACE)}${line}`);
  }
  return path === undefined ? '' : inlineCode(clipped(path, LONGEST_PLACE));
}

/** `**critical** CVE-2026-0001 +4` */
function removesText({ removes: { advisories }, worst }: Fix<MergedFinding>): string {
  const [first] = advisories;
  const more = advisories.length > 1 ? ` +${advisories.length - 1}` : '';
  return `**${worst}** ${escapeMarkdown(clipped(first?.id ?? ''))}${more}`;
}
