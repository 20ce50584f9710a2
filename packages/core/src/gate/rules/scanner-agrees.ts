import type { ScanEvidence } from '../../evidence.ts';
import type { RuleResult } from '../../policy.ts';
import { type RankedSeverity, reaches, SEVERITIES } from '../../severity.ts';
import { counted } from '../../text/wording.ts';
import type { RuleContext } from '../context.ts';
import { ofScans } from '../scans.ts';

/**
 * The scanner runs with its own threshold, and its exit code says whether a finding reached it. A report that disagrees
 * was truncated, changed afterwards or misread here.
 */
export function scannerAgrees(context: RuleContext): readonly RuleResult[] {
  const { policy } = context;
  return ofScans(
    context,
    'scanner-agrees',
    (scan) => {
      const problems: string[] = [];
      const expected = wouldTrip(scan);
      if (expected === undefined) problems.push(`the scanner's threshold ${scan.scannerThreshold} is not a severity.`);
      else if (expected !== scan.scannerTripped) {
        const [said, found] = expected ? ['did not reach', 'does'] : ['reached', 'does not'];
        problems.push(`by its exit code the scan ${said} ${scan.scannerThreshold}, but by its report it ${found}.`);
      }
      if (scan.suppressed !== 0 && !policy.allowSuppressed) {
        problems.push(
          `the scanner left out ${counted(scan.suppressed, 'match', 'matches')} because of its own configuration.`,
        );
      }
      if (scan.onlyFixed && !policy.onlyFixed) {
        problems.push('the scanner counted only findings with a fix, but the policy counts all.');
      }
      return problems;
    },
    () => 'The exit code of each scan matches its report.',
  );
}

/**
 * The result of Grype's `--fail-on` for these findings: unknown severities never reach it. Undefined for an unknown
 * threshold.
 */
function wouldTrip({ findings, scannerThreshold, onlyFixed }: ScanEvidence): boolean | undefined {
  if (scannerThreshold === 'none') return false;
  const threshold = SEVERITIES.find((severity): severity is RankedSeverity => severity === scannerThreshold);
  if (!threshold) return undefined;
  return findings.some((each) => reaches(each.severity, threshold) && (!onlyFixed || each.fix === 'fixed'));
}
