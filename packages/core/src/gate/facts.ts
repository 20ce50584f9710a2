import type { RuleName, RuleResult } from '../policy.ts';
import { type Inquiry, judged, type PlatformFacts, platformsOf } from './inquiry.ts';

/** Rules about what manifest and config of every platform say. What was not read cannot hold. */
export function ofFacts(
  inquiry: Inquiry,
  rule: RuleName,
  problemsOf: (facts: PlatformFacts) => readonly string[],
  holds: (facts: readonly PlatformFacts[]) => string,
): readonly RuleResult[] {
  const all: PlatformFacts[] = [];
  const problems = platformsOf(inquiry.image).flatMap(({ digest, name }) => {
    const facts = inquiry.surroundings.facts?.get(digest);
    if (!facts) return [`${name}: its manifest and config were not read.`];
    all.push(facts);
    return problemsOf(facts).map((why) => `${name}: ${why}`);
  });
  return judged(rule, problems, holds(all));
}
