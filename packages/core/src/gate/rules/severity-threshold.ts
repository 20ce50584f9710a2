import type { RuleResult } from '../../policy.ts';
import { counted } from '../../wording.ts';
import { rankedBlockers, worstFirst, worstOf } from '../findings.ts';
import { type Inquiry, notApplicable } from '../inquiry.ts';
import { ofScans } from '../scans.ts';

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
