import type { RuleResult } from '../../policy.ts';
import { counted } from '../../text/wording.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { riskBlockers, worstFirst, worstOf } from '../findings.ts';
import { liveText, ofFindings } from '../scans.ts';

/**
 * No finding's risk exceeds the limit of the policy (Grype calculates it from severity, EPSS and known attacks, 0 to
 * 100).
 */
export function riskThreshold(context: RuleContext): readonly RuleResult[] {
  const { policy } = context;
  const { maxRisk: limit } = policy;
  if (limit === undefined) return notApplicable('risk-threshold', 'The policy sets no limit.');
  return ofFindings(
    context,
    'risk-threshold',
    (findings, { database }) => {
      // Grype calculates the risk from EPSS: without EPSS every risk is 0.
      if (database.providers && !database.providers.includes('epss')) {
        return ['the vulnerability database has no EPSS data, so no risk can be calculated.'];
      }
      const blockers = worstFirst(riskBlockers(policy, findings));
      return blockers.length > 0
        ? [`${counted(blockers.length, 'finding')} with a risk above ${limit}, ${worstOf(blockers)}.`]
        : [];
    },
    (_, live) => `No finding with a risk above ${limit}.${liveText(riskBlockers(policy, live))}`,
  );
}
