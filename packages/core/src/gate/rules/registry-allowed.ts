import type { RuleResult } from '../../policy.ts';
import { repositoryAllowed } from '../allowed.ts';
import { judged, notApplicable, type RuleContext } from '../context.ts';

/** The image goes to a repository that the policy allows. */
export function registryAllowed({ policy, gateContext }: RuleContext): readonly RuleResult[] {
  const rule = 'registry-allowed';
  const { registries = [] } = policy;
  const { destination } = gateContext;
  if (registries.length === 0) return notApplicable(rule, 'The policy does not say where images may go.');
  if (!destination) return notApplicable(rule, 'Nothing is published here.');
  const name = `${destination.registry}/${destination.repository}`;
  return judged(
    rule,
    repositoryAllowed(registries, destination) ? [] : [`${name} is not allowed.`],
    `It goes to ${name}.`,
  );
}
