import type { RuleResult } from '../../policy.ts';
import { formatBytes } from '../../text/terminal.ts';
import { ofFacts } from '../facts.ts';
import { type Inquiry, notApplicable } from '../inquiry.ts';

/** No platform is larger than the policy allows: config and layers as a registry holds them. */
export function imageSize(inquiry: Inquiry): readonly RuleResult[] {
  const limit = inquiry.policy.image?.maxSize;
  if (limit === undefined) return notApplicable('image-size', 'The policy sets no limit.');
  return ofFacts(
    inquiry,
    'image-size',
    ({ size }) => (size <= limit ? [] : [`${formatBytes(size)} are more than ${formatBytes(limit)}.`]),
    (facts) => `${formatBytes(Math.max(0, ...facts.map(({ size }) => size)))} at most, of ${formatBytes(limit)}.`,
  );
}
