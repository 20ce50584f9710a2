import type { RuleResult } from '../../policy.ts';
import { shownTime, staleness } from '../../text/time.ts';
import { formatAge } from '../../text/wording.ts';
import { ofFacts } from '../facts.ts';
import { type Inquiry, notApplicable } from '../inquiry.ts';

/**
 * The base is not older than the policy allows. What is looked at is when the image's oldest layer was made: the first
 * layer of the base, by the history in the image's own config.
 */
export function baseImageAge(inquiry: Inquiry): readonly RuleResult[] {
  const { baseImages } = inquiry.policy;
  const limit = baseImages?.maxAge;
  if (baseImages === undefined || limit === undefined)
    return notApplicable('base-image-age', 'The policy sets no limit.');
  return ofFacts(
    inquiry,
    'base-image-age',
    ({ oldestLayer }) => {
      const stale = oldestLayer ? staleness(oldestLayer, inquiry.now, limit) : 'undated';
      if (!oldestLayer || stale === 'undated') {
        return baseImages.undated === 'report' ? [] : ['the history does not say when the base was made.'];
      }
      const made = shownTime(oldestLayer);
      if (stale === 'future') return [`the history dates the base in the future (${made}).`];
      const age = formatAge(inquiry.now.getTime() - oldestLayer.getTime());
      return stale === undefined ? [] : [`the base is of ${made}, ${age} old, more than ${formatAge(limit)}.`];
    },
    (facts) => {
      const dates = new Set(facts.map(({ oldestLayer }) => (oldestLayer ? shownTime(oldestLayer) : 'no date')));
      return `Oldest layer: ${[...dates].join(', ')}.`;
    },
  );
}
