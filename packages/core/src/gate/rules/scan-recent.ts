import type { RuleResult } from '../../policy.ts';
import { ageProblem, shownTime } from '../../text/time.ts';
import { formatAge } from '../../text/wording.ts';
import type { RuleContext } from '../context.ts';
import { ofScans } from '../scans.ts';

export function scanRecent(context: RuleContext): readonly RuleResult[] {
  const { now, policy } = context;
  return ofScans(
    context,
    'scan-recent',
    ({ finishedOn }) => {
      switch (ageProblem(finishedOn, now, policy.maxScanAge)) {
        case undefined:
          return [];
        case 'old': {
          const age = formatAge(now.getTime() - finishedOn.getTime());
          return [`the scan is ${age} old; the policy allows ${formatAge(policy.maxScanAge)}.`];
        }
        case 'future':
          return [`the scan ended at ${shownTime(finishedOn)}, after the time of this verdict (${shownTime(now)}).`];
        case 'undated':
          return ['the scan has no end date.'];
      }
    },
    () => `No scan is older than ${formatAge(policy.maxScanAge)}.`,
  );
}
