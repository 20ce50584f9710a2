import type { RuleResult } from '../../policy.ts';
import { formatAge } from '../../wording.ts';
import { ofFacts } from '../facts.ts';
import { type Inquiry, notApplicable, shownTime } from '../inquiry.ts';

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
      if (!oldestLayer) {
        return baseImages.undated === 'report' ? [] : ['the history does not say when the base was made.'];
      }
      const age = inquiry.now.getTime() - oldestLayer.getTime();
      return age <= limit
        ? []
        : [`the base is of ${shownTime(oldestLayer)}, ${formatAge(age)} old, more than ${formatAge(limit)}.`];
    },
    (facts) => {
      const dates = new Set(facts.map(({ oldestLayer }) => (oldestLayer ? shownTime(oldestLayer) : 'no date')));
      return `Oldest layer: ${[...dates].join(', ')}.`;
    },
  );
}
