import type { ScanEvidence } from '../../evidence.ts';
import type { RuleResult } from '../../policy.ts';
import { type RankedSeverity, reaches, SEVERITIES } from '../../severity.ts';
import { counted } from '../../text/wording.ts';
import type { RuleContext } from '../context.ts';
import { ofScans } from '../scans.ts';

/**
 * The scanner was given a threshold of its own, and its exit code says whether it was reached. A report that says
 * otherwise was cut short, changed afterwards or misread here.
 */
export function scannerAgrees(context: RuleContext): readonly RuleResult[] {
  const { policy } = context;
  return ofScans(
    context,
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
