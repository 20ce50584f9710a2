import { escapeMarkdown, inlineCode, link } from '../../text/markdown.ts';
import { clipped } from '../../text/wording.ts';
import { changesSection, comparisonLine } from '../changes.ts';
import { expiringLines } from './expiring.ts';
import type { SummaryFacts } from './facts.ts';
import { findingsSection } from './findings.ts';
import { fixTables } from './fix-table.ts';
import { reasonLines, title } from './headline.ts';
import { judgedFindings } from './judged.ts';
import { movedBaseLines } from './moved-base.ts';
import { notBlockingLine } from './not-blocking.ts';

/** Rows and lines before the folds. Together they keep that part under 150 words. */
const MOST = { fixes: 4, recommended: 0, rules: 2, rulesWithFixes: 1 } as const;
const LONGEST_MESSAGE = 400;
/** GitHub allows 65,536 characters. Folds that do not fit are left out: a fold that is cut would swallow the page. */
const LONGEST = 60_000;

/** The run that a comment is about: readers must be able to tell a comment on an earlier commit. */
export interface CommentedRun {
  readonly commit: string;
  /** The page with the job summary; empty if unknown. */
  readonly url: string;
}

/**
 * The comment on a pull request: the verdict, what the change adds and removes, and what to do.
 * @param longest folds that make it longer are left out
 */
export function commentMarkdown(facts: SummaryFacts, run: CommentedRun, longest = LONGEST): string {
  const judged = judgedFindings(facts);
  const hasFixes = judged.blocking.size > 0;
  const failed = facts.verdict?.passed === false;
  const { table, rest } = fixTables(facts, judged, failed ? MOST.fixes : MOST.recommended);
  return comment(
    [
      `### ${title(facts)}`,
      reasonLines(facts, hasFixes ? MOST.rulesWithFixes : MOST.rules, hasFixes),
      failed ? table : '',
      comparisonLine(facts.changes ?? []),
      notBlockingLine(facts, judged),
      movedBaseLines(facts, judged),
      expiringLines(facts),
    ],
    [rest, changesSection(facts.changes ?? []), findingsSection(facts, judged)],
    run,
    longest,
  );
}

/** A failure that is no verdict on the image. Untrusted text. */
export interface CommentedFailure {
  /** The kind of failure, in a few words. */
  readonly title: string;
  readonly message: string;
  readonly next?: string | undefined;
  /** It failed after the verdict on the image, which the job summary has. */
  readonly isChecked?: boolean;
}

/** The same for a run that failed for another reason than its verdict: the sources, the build or anything else. */
export function failureComment(name: string, failure: CommentedFailure, run: CommentedRun): string {
  const { message, next } = failure;
  const [sentence = ''] = message.trim().split('\n');
  return comment(
    [
      `### ❌ ${escapeMarkdown(clipped(failure.title))}: ${escapeMarkdown(clipped(name))}`,
      escapeMarkdown(clipped(sentence, LONGEST_MESSAGE)),
      next ? `→ ${escapeMarkdown(clipped(next, LONGEST_MESSAGE))}` : '',
      failure.isChecked
        ? 'This failed after the check of the image. The job summary has its verdict.'
        : 'The image was not checked.',
    ],
    [],
    run,
  );
}

function comment(
  first: readonly string[],
  folds: readonly string[],
  { commit, url }: CommentedRun,
  longest = LONGEST,
): string {
  const about = [
    ...(commit === '' ? [] : [`Commit ${inlineCode(commit.slice(0, 12))}`]),
    ...(url === '' ? [] : [link('job summary', url)]),
  ];
  const last = about.length > 0 ? `<sub>${about.join(' · ')}</sub>` : '';
  const text = first.filter((part) => part !== '');
  let length = text.join('\n\n').length + last.length;
  for (const fold of folds) {
    if (fold === '' || length + fold.length > longest) continue;
    text.push(fold);
    length += fold.length + 2;
  }
  return `${[...text, last].filter((part) => part !== '').join('\n\n')}\n`;
}
