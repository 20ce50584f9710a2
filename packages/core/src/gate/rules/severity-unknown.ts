import type { RuleResult } from '../../policy.ts';
import { counted } from '../../text/wording.ts';
import type { RuleContext } from '../context.ts';
import { unknownBlockers, unranked, worstOf } from '../findings.ts';
import { liveText, ofFindings } from '../scans.ts';

/** Every finding has a severity, or the policy allows findings without one. */
export function severityUnknown(context: RuleContext): readonly RuleResult[] {
  const { policy } = context;
  return ofFindings(
    context,
    'severity-unknown',
    (findings) => {
      const blockers = unknownBlockers(policy, findings);
      return blockers.length > 0
        ? [`${counted(blockers.length, 'finding')} without a severity, ${worstOf(blockers)}.`]
        : [];
    },
    (findings, live) => {
      const count = unranked(findings).length;
      if (count === 0) return `Every finding has a severity.${liveText(unknownBlockers(policy, live))}`;
      return `${counted(count, 'finding')} without a severity, which the policy allows.`;
    },
  );
}
