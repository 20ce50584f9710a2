import type { RuleResult } from '../../policy.ts';
import { formatBytes } from '../../text/terminal.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { ofFacts } from '../facts.ts';

/** No platform is larger than the policy allows: config and layers, compressed as in a registry. */
export function imageSize(context: RuleContext): readonly RuleResult[] {
  const limit = context.policy.image?.maxSize;
  if (limit === undefined) return notApplicable('image-size', 'The policy sets no limit.');
  return ofFacts(
    context,
    'image-size',
    ({ size }) => (size <= limit ? [] : [`the size is ${formatBytes(size)}; the policy allows ${formatBytes(limit)}.`]),
    (facts) =>
      `At most ${formatBytes(Math.max(0, ...facts.map(({ size }) => size)))}; the policy allows ${formatBytes(limit)}.`,
  );
}
