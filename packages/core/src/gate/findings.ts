import type { Finding } from '../finding.ts';
import type { Policy } from '../policy.ts';
import { ALL_SEVERITIES, isSeverity, reaches } from '../severity.ts';
import { clipped } from '../text/wording.ts';
import { fixState, hasFix, isInGrace } from './fix.ts';

/** Worst first; at the same severity, those with a fix first; then by package, version and advisory. */
export function worstFirst<F extends Finding>(findings: readonly F[]): readonly F[] {
  return findings.toSorted(
    (a, b) =>
      ALL_SEVERITIES.indexOf(a.severity) - ALL_SEVERITIES.indexOf(b.severity) ||
      Number(hasFix(b)) - Number(hasFix(a)) ||
      inOrder(a.package.name, b.package.name) ||
      inOrder(a.package.version, b.package.version) ||
      inOrder(a.id, b.id),
  );
}

/** By code unit, so that a report does not depend on the machine's language. */
function inOrder(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * Findings that fail the gate under this policy, worst first: by severity, without one, known to be exploited, or by
 * EPSS or risk. Callers must remove suppressed findings (suppressed.ts) first.
 */
export function blockingFindings(policy: Policy, findings: readonly Finding[], now: Date): readonly Finding[] {
  const blockers = [rankedBlockers, unknownBlockers, exploitedBlockers, epssBlockers, riskBlockers];
  return worstFirst([...new Set(blockers.flatMap((blocking) => blocking(policy, findings, now)))]);
}

/** The threshold for a finding: that of its fix state, if the policy has one. */
function thresholdFor(policy: Policy, finding: Finding): Policy['failOn'] {
  return policy.failOnByFix?.[fixState(finding)] ?? policy.failOn;
}

export function rankedBlockers(policy: Policy, findings: readonly Finding[], now: Date): readonly Finding[] {
  const reaching = counting(policy, findings).filter((each) => reaches(each.severity, thresholdFor(policy, each)));
  return reaching.filter((each) => !isInGrace(policy, each, now));
}

export function unknownBlockers(policy: Policy, findings: readonly Finding[]): readonly Finding[] {
  return policy.unknownSeverity === 'report' ? [] : unranked(counting(policy, findings));
}

export function exploitedBlockers(policy: Policy, findings: readonly Finding[]): readonly Finding[] {
  if (policy.knownExploited === 'report') return [];
  // With or without a fix: attackers do not wait for one.
  return findings.filter(({ knownExploited }) => knownExploited === true);
}

export function epssBlockers({ maxEpss, ...policy }: Policy, findings: readonly Finding[]): readonly Finding[] {
  if (maxEpss === undefined) return [];
  // Written so that a limit of NaN fails.
  return counting(policy, findings).filter(({ epss }) => epss !== undefined && !(epss <= maxEpss));
}

export function riskBlockers({ maxRisk, ...policy }: Policy, findings: readonly Finding[]): readonly Finding[] {
  if (maxRisk === undefined) return [];
  return counting(policy, findings).filter(({ risk }) => risk !== undefined && !(risk <= maxRisk));
}

function counting({ onlyFixed }: Pick<Policy, 'onlyFixed'>, findings: readonly Finding[]): readonly Finding[] {
  return onlyFixed ? findings.filter(hasFix) : findings;
}

/** An unknown word counts as no severity. */
export function unranked(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'unknown' || !isSeverity(severity));
}

/** For a sentence: the first finding of a list that is sorted worst first. */
export function worstOf(findings: readonly Finding[]): string {
  const [worst] = findings;
  if (!worst) return 'none';
  const only = hasFix(worst) ? '' : 'only ';
  const fix = worst.fixedIn.length > 0 ? ` (fixed ${only}in ${clipped(worst.fixedIn.join(', '))})` : '';
  const { name, version } = worst.package;
  return `worst ${clipped(worst.id)} in ${clipped(name)} ${clipped(version)}${fix}`;
}
