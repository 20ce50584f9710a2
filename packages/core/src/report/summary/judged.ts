import type { Finding } from '../../finding.ts';
import { baselinesOf, compared } from '../../gate/baseline.ts';
import { blockingFindings } from '../../gate/findings.ts';
import { type SuppressedFinding, suppress } from '../../gate/suppressed.ts';
import { type MergedFinding, mergeFindings } from '../merged.ts';
import type { SummaryFacts } from './facts.ts';

/** Without a verdict there is no time to compare a date with: then no grace time runs and no allowance applies. */
const NO_DATE = new Date(Number.NaN);

/** The findings of all platforms, each once, and what the gate makes of them. */
export interface JudgedFindings {
  /** Worst first. */
  readonly all: readonly MergedFinding[];
  /** Those that fail the gate. */
  readonly blocking: ReadonlySet<MergedFinding>;
  /** Those that would fail the gate if the live image did not have them. */
  readonly warned: ReadonlySet<MergedFinding>;
}

export function judgedFindings(facts: SummaryFacts): JudgedFindings {
  const { policy, platforms = [] } = facts;
  const { suppressed, live } = passedIn(facts);
  const all = mergeFindings(platforms, suppressed, live);
  const counting = all.filter(({ suppressedBy }) => suppressedBy === undefined);
  const blockers = (isLive: boolean) => {
    const some = counting.filter(({ alreadyLive = false }) => alreadyLive === isLive);
    const blocking = new Set<Finding>(policy ? blockingFindings(policy, some, decidedOn(facts)) : []);
    return new Set(some.filter((finding) => blocking.has(finding)));
  };
  return { all, blocking: blockers(false), warned: blockers(true) };
}

export function decidedOn({ verdict }: Pick<SummaryFacts, 'verdict'>): Date {
  return verdict?.decidedOn ?? NO_DATE;
}

/** Findings that are suppressed, and those that are only warnings. */
function passedIn({ baselines = [], image, policy, platforms = [], verdict }: SummaryFacts) {
  const suppressed = new Map<Finding, SuppressedFinding>();
  const live = new Set<Finding>();
  // As of the time of a verdict: without one nothing was decided, and no finding is suppressed.
  if (!policy || !verdict || !image) return { suppressed, live };
  for (const { scan } of platforms) {
    if (!scan) continue;
    const found = suppress(policy, image, scan.subject, scan.findings, verdict.decidedOn);
    for (const one of found.suppressed) suppressed.set(one.finding, one);
    for (const one of compared(policy, baselinesOf(baselines, scan.subject), found.counted).live) live.add(one);
  }
  return { suppressed, live };
}
