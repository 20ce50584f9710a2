import type { RuleResult } from '../../policy.ts';
import { formatRepository } from '../../reference/reference.ts';
import { repositoryAllowed } from '../allowed.ts';
import { judged, notApplicable, type RuleContext } from '../context.ts';

/** The image goes only to repositories that the policy allows. */
export function registryAllowed({ policy, gateContext }: RuleContext): readonly RuleResult[] {
  const rule = 'registry-allowed';
  const { registries = [] } = policy;
  const { destinations = [] } = gateContext;
  if (registries.length === 0) return notApplicable(rule, 'The policy does not restrict registries.');
  if (destinations.length === 0) return notApplicable(rule, 'This run publishes nothing.');
  const denied = destinations.filter((destination) => !repositoryAllowed(registries, destination));
  const names = destinations.map(formatRepository);
  return judged(
    rule,
    denied.map((destination) => `the policy does not allow the destination ${formatRepository(destination)}.`),
    names.length === 1 ? `The destination is ${names[0]}.` : `The destinations are ${names.join(', ')}.`,
  );
}
