import type { Component } from '../evidence.ts';
import { identityKey, isAddable } from '../package-lists/uncataloged.ts';
import type { RuleName, RuleResult } from '../policy.ts';
import { evidenceOf, judged, platformsOf, type RuleContext, type Subject } from './context.ts';

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
    const catalogs = catalogsOf(context, subject);
    if (catalogs.length === 0) return [`${subject.name}: no SBOM lists its packages.`];
    count += Math.max(...catalogs.map(({ length }) => length));
    return catalogs.flatMap(problemsOf).map((why) => `${subject.name}: ${why}`);
  });
  return judged(rule, problems, holds(count));
}

/**
 * The packages of each SBOM, with those that every scan added to it. Their licences are unknown. Kinds that Grype does
 * not find by name do not count: the scan did not cover them.
 */
export function catalogsOf(context: RuleContext, subject: Subject): readonly (readonly Component[])[] {
  const [first = [], ...others] = evidenceOf(context, 'scan', subject).map(({ added = [] }) => added);
  const inAll = others.map((list) => new Set(list.map(identityKey)));
  const added = first
    .filter((one) => isAddable(one) && inAll.every((keys) => keys.has(identityKey(one))))
    .map((one): Component => ({ ...one, licenses: [] }));
  return evidenceOf(context, 'sbom', subject).flatMap(({ components }) =>
    components ? [[...components, ...added]] : [],
  );
}
