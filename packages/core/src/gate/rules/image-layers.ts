import type { RuleResult } from '../../policy.ts';
import { counted } from '../../text/wording.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { ofFacts } from '../facts.ts';

/** No platform has more layers than the policy allows. */
export function imageLayers(context: RuleContext): readonly RuleResult[] {
  const limit = context.policy.image?.maxLayers;
  if (limit === undefined) return notApplicable('image-layers', 'The policy sets no limit.');
  return ofFacts(
    context,
    'image-layers',
    ({ layers }) => (layers <= limit ? [] : [`${counted(layers, 'layer')}; the policy allows ${limit}.`]),
    (facts) =>
      `At most ${counted(Math.max(0, ...facts.map(({ layers }) => layers)), 'layer')}; the policy allows ${limit}.`,
  );
}
