import type { RuleResult } from '../../policy.ts';
import { ageProblem, shownTime } from '../../text/time.ts';
import { formatAge } from '../../text/wording.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { ofFacts } from '../facts.ts';

/**
 * The base is not older than the policy allows. What is looked at is when the image's oldest layer was made: the first
 * layer of the base, by the history in the image's own config.
 */
export function baseImageAge(context: RuleContext): readonly RuleResult[] {
  const { baseImages } = context.policy;
  const limit = baseImages?.maxAge;
  if (baseImages === undefined || limit === undefined)
    return notApplicable('base-image-age', 'The policy sets no limit.');
  return ofFacts(
    context,
    'base-image-age',
    ({ oldestLayer }) => {
      const stale = oldestLayer ? ageProblem(oldestLayer, context.now, limit) : 'undated';
      if (!oldestLayer || stale === 'undated') {
        return baseImages.undated === 'report' ? [] : ['the history does not say when the base was made.'];
      }
      const made = shownTime(oldestLayer);
      if (stale === 'future') return [`the history dates the base in the future (${made}).`];
      const age = formatAge(context.now.getTime() - oldestLayer.getTime());
      return stale === undefined ? [] : [`the base is of ${made}, ${age} old, more than ${formatAge(limit)}.`];
    },
    (facts) => {
      const dates = new Set(facts.map(({ oldestLayer }) => (oldestLayer ? shownTime(oldestLayer) : 'no date')));
      return `Oldest layer: ${[...dates].join(', ')}.`;
    },
  );
}
