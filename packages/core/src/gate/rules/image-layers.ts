import type { RuleResult } from '../../policy.ts';
import { counted } from '../../text/wording.ts';
import { ofFacts } from '../facts.ts';
import { type Inquiry, notApplicable } from '../inquiry.ts';

/** No platform has more layers than the policy allows. */
export function imageLayers(inquiry: Inquiry): readonly RuleResult[] {
  const limit = inquiry.policy.image?.maxLayers;
  if (limit === undefined) return notApplicable('image-layers', 'The policy sets no limit.');
  return ofFacts(
    inquiry,
    'image-layers',
    ({ layers }) => (layers <= limit ? [] : [`${counted(layers, 'layer')}, more than ${limit}.`]),
    (facts) => `${counted(Math.max(0, ...facts.map(({ layers }) => layers)), 'layer')} at most, of ${limit}.`,
  );
}
