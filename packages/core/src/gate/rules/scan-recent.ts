import type { RuleResult } from '../../policy.ts';
import { shownTime, staleness } from '../../text/time.ts';
import { formatAge } from '../../text/wording.ts';
import type { Inquiry } from '../inquiry.ts';
import { ofScans } from '../scans.ts';

export function scanRecent(inquiry: Inquiry): readonly RuleResult[] {
  const { now, policy } = inquiry;
  return ofScans(
    inquiry,
    'scan-recent',
    ({ finishedOn }) => {
      switch (staleness(finishedOn, now, policy.maxScanAge)) {
        case undefined:
          return [];
        case 'old': {
          const age = formatAge(now.getTime() - finishedOn.getTime());
          return [`the scan is ${age} old, more than ${formatAge(policy.maxScanAge)}.`];
        }
        case 'future':
          return [`the scan ended in the future (${shownTime(finishedOn)}).`];
        case 'undated':
          return ['the scan does not say when it ended.'];
      }
    },
    () => `No scan is older than ${formatAge(policy.maxScanAge)}.`,
  );
}
