import type { RuleName, RuleResult } from '../policy.ts';
import { judged, type PlatformFacts, platformsOf, type RuleContext } from './context.ts';

/** Rules about the manifest and config of every platform. A platform whose facts were not read fails. */
export function ofFacts(
  context: RuleContext,
  rule: RuleName,
  problemsOf: (facts: PlatformFacts) => readonly string[],
  holds: (facts: readonly PlatformFacts[]) => string,
): readonly RuleResult[] {
  const all: PlatformFacts[] = [];
  const problems = platformsOf(context.image).flatMap(({ digest, name }) => {
    const facts = context.gateContext.facts?.get(digest);
    if (!facts) return [`${name}: the manifest and config were not read.`];
    all.push(facts);
    return problemsOf(facts).map((why) => `${name}: ${why}`);
  });
  return judged(rule, problems, holds(all));
}
