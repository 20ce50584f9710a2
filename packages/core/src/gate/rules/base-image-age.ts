import type { RuleResult } from '../../policy.ts';
import { ageProblem, shownTime } from '../../text/time.ts';
import { formatAge } from '../../text/wording.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { ofFacts } from '../facts.ts';

/**
 * The base image is not older than the policy allows. Its age is that of the image's oldest layer, which is the first
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
        return baseImages.undated === 'report' ? [] : ['the image history gives no creation date for the base image.'];
      }
      const made = shownTime(oldestLayer);
      if (stale === 'future') {
        const now = shownTime(context.now);
        return [`the image history dates the base image ${made}, after the time of this verdict (${now}).`];
      }
      const age = formatAge(context.now.getTime() - oldestLayer.getTime());
      return stale === undefined
        ? []
        : [`the base image of ${made} is ${age} old; the policy allows ${formatAge(limit)}.`];
    },
    (facts) => {
      const dates = new Set(facts.map(({ oldestLayer }) => (oldestLayer ? shownTime(oldestLayer) : 'no date')));
      return `Oldest layer: ${[...dates].join(', ')}.`;
    },
  );
}
