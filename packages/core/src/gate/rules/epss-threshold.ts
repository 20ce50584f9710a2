import type { RuleResult } from '../../policy.ts';
import { counted } from '../../text/wording.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { epssBlockers, worstFirst, worstOf } from '../findings.ts';
import { liveText, ofFindings } from '../scans.ts';

/** No finding's probability of an attack within 30 days exceeds the limit of the policy (FIRST's EPSS, 0 to 1). */
export function epssThreshold(context: RuleContext): readonly RuleResult[] {
  const { policy } = context;
  const { maxEpss: limit } = policy;
  if (limit === undefined) return notApplicable('epss-threshold', 'The policy sets no limit.');
  return ofFindings(
    context,
    'epss-threshold',
    (findings, { database }) => {
      if (database.providers && !database.providers.includes('epss')) {
        return ['the vulnerability database has no EPSS data, which max-epss of the policy needs.'];
      }
      const blockers = worstFirst(epssBlockers(policy, findings));
      return blockers.length > 0
        ? [`${counted(blockers.length, 'finding')} with an EPSS above ${limit}, ${worstOf(blockers)}.`]
        : [];
    },
    (_, live) => `No finding with an EPSS above ${limit}.${liveText(epssBlockers(policy, live))}`,
  );
}
