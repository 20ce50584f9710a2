import type { RuleResult } from '../../policy.ts';
import { counted } from '../../text/wording.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { rankedBlockers, worstFirst, worstOf } from '../findings.ts';
import { isInGrace } from '../fix.ts';
import { liveText, ofFindings } from '../scans.ts';

/** No finding reaches the policy's threshold for its fix state. */
export function severityThreshold(context: RuleContext): readonly RuleResult[] {
  const { policy, now } = context;
  const byFix = Object.entries(policy.failOnByFix ?? {});
  if (policy.failOn === 'none' && byFix.every(([, threshold]) => threshold === 'none')) {
    return notApplicable('severity-threshold', 'The policy sets no threshold.');
  }
  const bars = byFix.length > 0 ? byFix.map(([state, bar]) => `${bar} where ${state}`).join(', ') : policy.failOn;
  const bar = `at or above ${bars}${policy.onlyFixed ? ' with a fix' : ''}`;
  return ofFindings(
    context,
    'severity-threshold',
    (findings) => {
      const blockers = worstFirst(rankedBlockers(policy, findings, now));
      return blockers.length > 0 ? [`${counted(blockers.length, 'finding')} ${bar}, ${worstOf(blockers)}.`] : [];
    },
    (findings, live) => {
      const graced = findings.filter((each) => isInGrace(policy, each, now)).length;
      const more = graced > 0 ? ` ${counted(graced, 'finding')} within the grace period of a new fix.` : '';
      return `No finding ${bar}.${more}${liveText(rankedBlockers(policy, live, now))}`;
    },
  );
}
