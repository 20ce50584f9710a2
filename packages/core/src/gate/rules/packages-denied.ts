import type { RuleResult } from '../../policy.ts';
import { purlPattern } from '../../purl/pattern.ts';
import { clipped, counted } from '../../text/wording.ts';
import { ofComponents } from '../components.ts';
import { notApplicable, type RuleContext } from '../context.ts';

/** The image has no package that the policy denies. */
export function packagesDenied(context: RuleContext): readonly RuleResult[] {
  const { deniedPackages = [] } = context.policy;
  if (deniedPackages.length === 0) return notApplicable('packages-denied', 'The policy denies no package.');
  const patterns = deniedPackages.map((text) => ({ text, matches: purlPattern(text) }));
  return ofComponents(
    context,
    'packages-denied',
    (components) =>
      patterns.flatMap(({ text, matches }) => {
        const [first, ...more] = components.filter(matches);
        if (!first) return [];
        const others = more.length > 0 ? ` and ${more.length} more` : '';
        return [`${clipped(first.name)} ${clipped(first.version)}${others}: ${clipped(text)} is denied.`];
      }),
    (count) => `${counted(count, 'package')}, none denied.`,
  );
}
