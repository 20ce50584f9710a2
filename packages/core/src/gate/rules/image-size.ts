import type { RuleResult } from '../../policy.ts';
import { formatBytes } from '../../text/terminal.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { ofFacts } from '../facts.ts';

/** No platform is larger than the policy allows: config and layers as a registry holds them. */
export function imageSize(context: RuleContext): readonly RuleResult[] {
  const limit = context.policy.image?.maxSize;
  if (limit === undefined) return notApplicable('image-size', 'The policy sets no limit.');
  return ofFacts(
    context,
    'image-size',
    ({ size }) => (size <= limit ? [] : [`${formatBytes(size)} are more than ${formatBytes(limit)}.`]),
    (facts) => `${formatBytes(Math.max(0, ...facts.map(({ size }) => size)))} at most, of ${formatBytes(limit)}.`,
  );
}
