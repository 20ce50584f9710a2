import type { RuleResult } from '../../policy.ts';
import { repositoryAllowed } from '../allowed.ts';
import { judged, notApplicable, type RuleContext } from '../context.ts';

/** The image goes to a repository that the policy allows. */
export function registryAllowed({ policy, gateContext }: RuleContext): readonly RuleResult[] {
  const rule = 'registry-allowed';
  const { registries = [] } = policy;
  const { destination } = gateContext;
  if (registries.length === 0) return notApplicable(rule, 'The policy does not restrict registries.');
  if (!destination) return notApplicable(rule, 'This run publishes nothing.');
  const name = `${destination.registry}/${destination.repository}`;
  return judged(
    rule,
    repositoryAllowed(registries, destination) ? [] : [`the policy does not allow the destination ${name}.`],
    `The destination is ${name}.`,
  );
}
