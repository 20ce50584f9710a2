import type { Component } from '../evidence.ts';
import type { RuleName, RuleResult } from '../policy.ts';
import { evidenceOf, judged, platformsOf, type RuleContext } from './context.ts';

/**
 * Rules about the packages of every platform. Without an SBOM that lists the packages, the policy cannot be checked, so
 * the rule fails.
 */
export function ofComponents(
  context: RuleContext,
  rule: RuleName,
  problemsOf: (components: readonly Component[]) => readonly string[],
  holds: (count: number) => string,
): readonly RuleResult[] {
  let count = 0;
  const problems = platformsOf(context.image).flatMap((subject) => {
    const catalogues = evidenceOf(context, 'sbom', subject).flatMap(({ components }) =>
      components ? [components] : [],
    );
    if (catalogues.length === 0) return [`${subject.name}: no SBOM lists its packages.`];
    count += Math.max(...catalogues.map(({ length }) => length));
    return catalogues.flatMap(problemsOf).map((why) => `${subject.name}: ${why}`);
  });
  return judged(rule, problems, holds(count));
}
