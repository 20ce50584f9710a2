import type { RuleResult } from '../../policy.ts';
import { counted } from '../../wording.ts';
import { unknownBlockers, unranked, worstOf } from '../findings.ts';
import type { Inquiry } from '../inquiry.ts';
import { ofScans } from '../scans.ts';

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
