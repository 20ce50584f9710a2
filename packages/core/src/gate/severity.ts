import type { Finding, ScanEvidence } from '../evidence.ts';
import type { Policy, RuleResult } from '../policy.ts';
import { ALL_SEVERITIES, isSeverity, type RankedSeverity, reaches, SEVERITIES } from '../severity.ts';
import { clipped, counted } from '../wording.ts';
import { type Inquiry, notApplicable } from './inquiry.ts';
import { ofScans } from './scan.ts';

/** Worst first; of equals, those that can be mended come first; then by package, version and advisory. */
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

/** A fixed version is known. A version that is named counts even where the state says otherwise: it can be installed. */
export function hasFix(finding: Finding): boolean {
  return finding.fix === 'fixed' || finding.fixedIn.length > 0;
}

/** Findings that shut the gate under this policy, worst first: ranked ones that reach it, and unknown ones where they fail. */
export function blockingFindings(policy: Policy, findings: readonly Finding[]): readonly Finding[] {
  return worstFirst([...rankedBlockers(policy, findings), ...unknownBlockers(policy, findings)]);
}

function rankedBlockers(policy: Policy, findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((each) => reaches(each.severity, policy.failOn) && (!policy.onlyFixed || hasFix(each)));
}

function unknownBlockers(policy: Policy, findings: readonly Finding[]): readonly Finding[] {
  if (policy.unknownSeverity === 'report') return [];
  return unranked(findings).filter((each) => !policy.onlyFixed || hasFix(each));
}

/** A word that is no severity says as little as none. */
function unranked(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'unknown' || !isSeverity(severity));
}

export function severityThreshold(inquiry: Inquiry): readonly RuleResult[] {
  const { policy } = inquiry;
  const bar = policy.onlyFixed ? `at or above ${policy.failOn} with a fix` : `at or above ${policy.failOn}`;
  if (policy.failOn === 'none') return notApplicable('severity-threshold', 'The policy sets no threshold.');
  return ofScans(
    inquiry,
    'severity-threshold',
    ({ findings }) => {
      const blockers = worstFirst(rankedBlockers(policy, findings));
      return blockers.length > 0 ? [`${counted(blockers.length, 'finding')} ${bar}, ${worstOf(blockers)}.`] : [];
    },
    () => `No finding ${bar}.`,
  );
}

export function severityUnknown(inquiry: Inquiry): readonly RuleResult[] {
  const { policy } = inquiry;
  return ofScans(
    inquiry,
    'severity-unknown',
    ({ findings }) => {
      const blockers = unknownBlockers(policy, findings);
      return blockers.length > 0
        ? [`${counted(blockers.length, 'finding')} without a severity, ${worstOf(blockers)}.`]
        : [];
    },
    (scans) => {
      const count = unranked(scans.flatMap(({ findings }) => findings)).length;
      if (count === 0) return 'Every finding has a severity.';
      return `${counted(count, 'finding')} without a severity, which the policy lets pass.`;
    },
  );
}

function worstOf(findings: readonly Finding[]): string {
  const [worst] = findings;
  if (!worst) return 'none';
  const fix = worst.fixedIn.length > 0 ? ` (fixed in ${clipped(worst.fixedIn.join(', '))})` : '';
  const { name, version } = worst.package;
  return `worst ${clipped(worst.id)} in ${clipped(name)} ${clipped(version)}${fix}`;
}

/**
 * The scanner was given a threshold of its own, and its exit code says whether it was reached. A report that says
 * otherwise was cut short, changed afterwards or misread here.
 */
export function scannerAgrees(inquiry: Inquiry): readonly RuleResult[] {
  const { policy } = inquiry;
  return ofScans(
    inquiry,
    'scanner-agrees',
    (scan) => {
      const problems: string[] = [];
      const expected = wouldTrip(scan);
      if (expected === undefined) problems.push(`the scanner's threshold ${scan.scannerThreshold} is no severity.`);
      else if (expected !== scan.scannerTripped) {
        const [said, found] = expected ? ['did not reach', 'does'] : ['reached', 'does not'];
        problems.push(`the scanner said it ${said} ${scan.scannerThreshold}, and its report ${found}.`);
      }
      if (scan.suppressed !== 0 && !policy.allowSuppressed) {
        problems.push(`the scanner left out ${counted(scan.suppressed, 'match', 'matches')} by its own configuration.`);
      }
      if (scan.onlyFixed && !policy.onlyFixed) {
        problems.push('the scanner counted only findings with a fix, and the policy counts all.');
      }
      return problems;
    },
    () => 'The exit code of each scanner agrees with its report.',
  );
}

/** What Grype's `--fail-on` says of these findings: unknown severities never trip it. Undefined for a strange threshold. */
function wouldTrip({ findings, scannerThreshold, onlyFixed }: ScanEvidence): boolean | undefined {
  if (scannerThreshold === 'none') return false;
  const threshold = SEVERITIES.find((severity): severity is RankedSeverity => severity === scannerThreshold);
  if (!threshold) return undefined;
  return findings.some((each) => reaches(each.severity, threshold) && (!onlyFixed || each.fix === 'fixed'));
}
