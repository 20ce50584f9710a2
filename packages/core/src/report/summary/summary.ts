import { shellWord } from '../../admission/commands.ts';
import { codeBlock } from '../../text/markdown.ts';
import { visibleLine } from '../../text/terminal.ts';
import { changesSection, comparisonLine } from '../changes.ts';
import { contentsSection } from '../contents.ts';
import { rescanSection } from '../rescan.ts';
import { acceptSection } from './accept.ts';
import { buildLine, platformsSection, reusedLine, rulesSection, tagsSection } from './details.ts';
import { expiringLines } from './expiring.ts';
import type { DestinationSummary, SummaryFacts } from './facts.ts';
import { findingsSection } from './findings.ts';
import { fixTables } from './fix-table.ts';
import { headline, reasonLines, tagsLine } from './headline.ts';
import { decidedOn, type JudgedFindings, judgedFindings } from './judged.ts';
import { movedBaseLines } from './moved-base.ts';
import { notBlockingLine } from './not-blocking.ts';
import { rebuildSection } from './rebuild.ts';

/** Rows and lines before the folds. Together they keep that part under 300 words. */
const MOST = { fixes: 10, fixesAmongOthers: 5, recommended: 3, rules: 4, rulesWithFixes: 3 } as const;

/**
 * The job summary: the verdict and what to do about it in under 300 words, everything else folded. Every text from
 * outside is escaped: package names, advisories, refs, paths.
 */
export function summaryMarkdown(facts: SummaryFacts): string {
  const judged = judgedFindings(facts);
  const { table, rest } = fixTables(facts, judged, mostFixes(facts, judged));
  const hasFixes = judged.blocking.size > 0;
  return joined([
    headline(facts),
    reasonLines(facts, hasFixes ? MOST.rulesWithFixes : MOST.rules, hasFixes),
    tagsLine(facts),
    table,
    notBlockingLine(facts, judged),
    movedBaseLines(facts, judged),
    expiringLines(facts),
    comparisonLine(facts.changes ?? []),
    buildLine(facts),
    reusedLine(facts),
    rebuildSection(facts),
    facts.rescan ? rescanSection(facts.rescan) : '',
    useSection(facts),
    rest,
    findingsSection(facts, judged),
    acceptSection(facts, judged),
    contentsSection(facts.platforms ?? [], facts.policy, decidedOn(facts)),
    changesSection(facts.changes ?? []),
    platformsSection(facts),
    tagsSection(facts),
    rulesSection(facts.verdict),
  ]);
}

function joined(sections: readonly string[]): string {
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** With other failed rules beside the findings, they share the space. */
function mostFixes({ verdict }: SummaryFacts, { blocking }: JudgedFindings): number {
  if (!verdict || verdict.passed) return MOST.recommended;
  const failed = new Set(verdict.rules.flatMap(({ outcome, rule }) => (outcome === 'fail' ? [rule] : [])));
  return blocking.size > 0 && failed.size > 1 ? MOST.fixesAmongOthers : MOST.fixes;
}

/** The commands that pull and verify the published image, from every destination. */
function useSection(facts: SummaryFacts): string {
  if (facts.rescan) return '';
  return [facts, ...(facts.others ?? [])].map(useOf).filter(Boolean).join('\n\n');
}

function useOf({ references: [reference] = [], verifyCommands = [] }: DestinationSummary): string {
  if (reference === undefined) return '';
  const lines = [`docker pull ${shellWord(reference)}`, ...verifyCommands];
  return codeBlock(lines.map(visibleLine).join('\n'), 'sh');
}
