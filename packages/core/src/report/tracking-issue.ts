import { type ExpiringException, expiringExceptions } from '../gate/expiring.ts';
import { digestOf, hexOf } from '../image/digest.ts';
import { formatReference, type Reference } from '../reference/reference.ts';
import { link } from '../text/markdown.ts';
import { counted } from '../text/wording.ts';
import { fixesFor } from './fixes.ts';
import { type CommentedRun, commentMarkdown } from './summary/comment.ts';
import type { SummaryFacts } from './summary/facts.ts';
import { decidedOn, type JudgedFindings, judgedFindings } from './summary/judged.ts';

/** Reasons for an issue: `failed`: the gate fails, or an exception ends soon. `fixes`: also what can be fixed today. */
export const TRACKING = ['failed', 'fixes'] as const;
type Tracking = (typeof TRACKING)[number];

/** The issue that follows one published image. */
export interface TrackingIssue {
  /** Identifies the image in every run: the repository with its tag. */
  readonly image: string;
  readonly isOpen: boolean;
  /** One line of plain text. */
  readonly title: string;
  /** Markdown in which all text from outside is escaped. */
  readonly body: string;
  /** Comment for the closing, likewise. */
  readonly closing: string;
  /** The same as long as the same work is to be done. */
  readonly fingerprint: string;
}

/** Digests of one tag with a section of their own. */
const MOST_SECTIONS = 10;
/** GitHub allows 65,536 characters. */
const LONGEST = 60_000;

/** An image keeps its issue when its tag moves to another digest. */
export function trackedName({ registry, repository, tag }: Reference): string {
  return formatReference({ registry, repository, tag });
}

/**
 * The issue for all digests of one image that were scanned in a run.
 * @param facts one for each digest, redacted
 */
export function trackingIssue(
  image: string,
  facts: readonly SummaryFacts[],
  reasons: Tracking,
  run: CommentedRun,
): TrackingIssue {
  const states = facts.map((each) => stateOf(each, reasons));
  const failed = states.filter(({ isFailed }) => isFailed).length;
  const fixes = states.reduce((sum, one) => sum + one.fixes.length, 0);
  const isOpen = failed > 0 || states.some(({ expiring, moved, fixes: some }) => expiring + moved + some.length > 0);
  const shown = facts.filter((_, at) => !isOpen || isWork(states[at])).slice(0, MOST_SECTIONS);
  const each = Math.floor(LONGEST / Math.max(1, shown.length));
  const why =
    failed > 0
      ? 'no longer passes the gate'
      : fixes > 0
        ? `${counted(fixes, 'fix', 'fixes')} available`
        : states.some(({ moved }) => moved > 0)
          ? 'a base image has moved'
          : 'exceptions of the policy end soon';
  const left = facts.filter((_, at) => isWork(states[at])).length - shown.length;
  return {
    image,
    isOpen,
    title: isOpen ? `${image}: ${why}` : `${image}: passes the gate`,
    body: [
      ...shown.map((one) => commentMarkdown(one, run, each)),
      ...(left > 0 ? [`${counted(left, 'more digest')} of this image: see the job summary.`] : []),
      FOOTER,
    ].join('\n'),
    closing: `The image passes the gate now${reasons === 'fixes' ? ', and nothing is left to update' : ''}.${runText(run)}`,
    fingerprint: hexOf(digestOf(JSON.stringify(states.map(({ key }) => key).toSorted()))).slice(0, 32),
  };
}

const FOOTER =
  '<sub>Tidegate updates this description, closes the issue when nothing is left to do, and opens it again when that changes.</sub>';

interface State {
  readonly isFailed: boolean;
  /** Changes that can be made today, if they count. */
  readonly fixes: readonly string[];
  readonly expiring: number;
  readonly moved: number;
  /** Everything that makes a difference to a reader. */
  readonly key: unknown;
}

function isWork(state: State | undefined): boolean {
  return state !== undefined && (state.isFailed || state.fixes.length + state.expiring + state.moved > 0);
}

function stateOf(facts: SummaryFacts, reasons: Tracking): State {
  const judged = judgedFindings(facts);
  const isFailed = facts.verdict?.passed === false;
  const fixes = reasons === 'fixes' ? availableFixes(judged) : [];
  const expiring = facts.policy ? expiringExceptions(facts.policy, decidedOn(facts)) : [];
  const moved = reasons === 'fixes' ? (facts.rescan?.movedBases ?? []) : [];
  const rules = facts.verdict?.rules.filter(({ outcome }) => outcome === 'fail') ?? [];
  return {
    ...{ isFailed, fixes, expiring: expiring.length, moved: moved.length },
    key: {
      // The reasons of rules have ages in them, which change every night.
      rules: [...new Set(rules.map(({ rule }) => rule))],
      blocking: [...judged.blocking].map((one) => [one.id, one.package.name, one.package.version]).toSorted(byText),
      ...{ isFailed, fixes, expiring: expiring.map(keyOf), moved: moved.map(({ digest, image }) => [image, digest]) },
      digest: isFailed || fixes.length > 0 ? facts.image?.root.digest : undefined,
    },
  };
}

function byText(a: readonly string[], b: readonly string[]): number {
  return a.join('\n') < b.join('\n') ? -1 : 1;
}

function keyOf({ expires, what }: ExpiringException): readonly [string, number] {
  return [what, expires.getTime()];
}

function availableFixes({ all }: JudgedFindings): readonly string[] {
  const counting = all.filter(({ suppressedBy }) => suppressedBy === undefined);
  return fixesFor(counting).flatMap(({ change, state }) => (state === 'available' ? [change] : []));
}

function runText({ url }: CommentedRun): string {
  return url === '' ? '' : ` See ${link('the run', url)}.`;
}
