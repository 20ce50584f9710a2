import type { RuleName, RuleResult } from '../policy.ts';
import { judged, type PlatformFacts, platformsOf, type RuleContext } from './context.ts';

/** Rules about what manifest and config of every platform say. What was not read cannot hold. */
export function ofFacts(
  context: RuleContext,
  rule: RuleName,
  problemsOf: (facts: PlatformFacts) => readonly string[],
  holds: (facts: readonly PlatformFacts[]) => string,
): readonly RuleResult[] {
  const all: PlatformFacts[] = [];
  const problems = platformsOf(context.image).flatMap(({ digest, name }) => {
    const facts = context.gateContext.facts?.get(digest);
    if (!facts) return [`${name}: its manifest and config were not read.`];
    all.push(facts);
    return problemsOf(facts).map((why) => `${name}: ${why}`);
  });
  return judged(rule, problems, holds(all));
}
