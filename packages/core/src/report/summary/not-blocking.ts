import { hasFix, isInGrace } from '../../gate/fix.ts';
import type { Policy } from '../../policy.ts';
import { escapeMarkdown } from '../../text/markdown.ts';
import { clipped, counted } from '../../text/wording.ts';
import type { MergedFinding } from '../merged.ts';
import type { SummaryFacts } from './facts.ts';
import { decidedOn, type JudgedFindings } from './judged.ts';

/**
 * One line on the findings that do not fail the gate, and why: `37 findings do not block: 20 have no fix yet, 12 are
 * below high, 5 are suppressed by the policy.` Empty if there is none.
 */
export function notBlockingLine(facts: SummaryFacts, { all, blocking, warned }: JudgedFindings): string {
  if (!facts.platforms?.some(({ scan }) => scan)) return '';
  if (all.length === 0) return 'No known vulnerability was found.';
  const passing = all.filter((finding) => !blocking.has(finding));
  if (passing.length === 0) return '';
  const { policy } = facts;
  if (!policy) return `${counted(all.length, 'finding')}.`;
  const reasons = new Map<string, number>();
  for (const finding of passing) {
    const reason = warned.has(finding) ? 'live' : reasonOf(finding, policy, decidedOn(facts));
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const words = wordsFor(facts, policy);
  const parts = Object.entries(words).flatMap(([reason, text]) => {
    const count = reasons.get(reason) ?? 0;
    return count > 0 ? [`${count} ${text(count)}`] : [];
  });
  return `${counted(passing.length, 'finding')} ${passing.length === 1 ? 'does' : 'do'} not block: ${parts.join(', ')}.`;
}

type Reason = 'no-fix' | 'wont-fix' | 'grace' | 'below' | 'unknown' | 'live' | 'ignore' | 'vex';

function reasonOf(finding: MergedFinding, policy: Policy, now: Date): Reason {
  const { fix, severity, suppressedBy } = finding;
  if (suppressedBy) return suppressedBy.by;
  if (policy.onlyFixed && !hasFix(finding)) return fix === 'wont-fix' ? 'wont-fix' : 'no-fix';
  if (isInGrace(policy, finding, now)) return 'grace';
  return severity === 'unknown' ? 'unknown' : 'below';
}

/** In the order in which they are listed. */
function wordsFor(
  { baselines = [] }: SummaryFacts,
  { failOn, failOnByFix }: Policy,
): Readonly<Record<Reason, (count: number) => string>> {
  const [live] = baselines.flatMap((one) => one.live ?? []);
  const have = (count: number) => (count === 1 ? 'has' : 'have');
  const are = (count: number) => (count === 1 ? 'is' : 'are');
  const bar = failOn === 'none' || failOnByFix !== undefined ? 'the threshold' : failOn;
  return {
    live: (count) =>
      `${are(count)} already in ${live ? escapeMarkdown(clipped(`${live.repository}:${live.tag}`)) : 'the live image'}`,
    'no-fix': (count) => `${have(count)} no fix`,
    'wont-fix': () => 'the vendor will not fix',
    grace: (count) => `${are(count)} in the grace period of a new fix`,
    below: (count) => `${are(count)} below ${bar}`,
    unknown: (count) => `${have(count)} no severity`,
    ignore: (count) => `${are(count)} suppressed by the policy`,
    vex: (count) => `${are(count)} suppressed by VEX`,
  };
}
