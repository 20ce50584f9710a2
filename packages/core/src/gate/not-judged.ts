import type { Image } from '../image/image.ts';
import type { Policy, RuleName, RuleResult } from '../policy.ts';
import { decide } from './decide.ts';

/** The rules that read the contents of layers. */
export const CONTENTS_RULES = [
  'contents-present',
  'contents-secrets',
  'contents-history',
  'contents-hidden-packages',
  'contents-setuid',
  'contents-shells',
  'contents-package-managers',
  'contents-state',
  'contents-devices',
  'image-healthcheck',
  'image-labels',
] as const satisfies readonly RuleName[];

/** A sentence for each rule that is not judged in some place. */
export type NotJudged = Readonly<Partial<Record<RuleName, string>>>;

/**
 * Results under a part of a policy, with the reasons why the rules of the other part were not judged. Without them such
 * a rule would say that the policy allows everything, which is true of the part alone.
 * @param rules results under the part
 * @param policy the whole policy: a rule that it does not ask for either keeps its own words
 */
export function withReasons(
  rules: readonly RuleResult[],
  policy: Policy,
  image: Image,
  reasons: NotJudged,
): readonly RuleResult[] {
  // Without evidence, every rule that the policy asks for fails, and no other one.
  const asked = new Set(
    decide(policy, image, [], new Date(0)).rules.flatMap(({ rule, outcome }) => (outcome === 'fail' ? [rule] : [])),
  );
  return rules.map((one) => {
    const why = reasons[one.rule];
    return why !== undefined && one.outcome === 'not-applicable' && asked.has(one.rule) ? { ...one, why } : one;
  });
}
