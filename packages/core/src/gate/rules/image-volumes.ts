import type { RuleResult } from '../../policy.ts';
import { withoutEnd } from '../../text/text.ts';
import { clipped } from '../../text/wording.ts';
import { allowedByAll } from '../allowed.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { ofFacts } from '../facts.ts';

/** The image declares only volumes that the policy allows. */
export function imageVolumes(context: RuleContext): readonly RuleResult[] {
  const lists = context.policy.image?.volumes ?? [];
  if (lists.length === 0) return notApplicable('image-volumes', 'The policy does not restrict volumes.');
  return ofFacts(
    context,
    'image-volumes',
    ({ volumes }) =>
      volumes
        .filter((volume) => !allowedByAll(lists, (entry) => withoutSlash(entry) === withoutSlash(volume)))
        .map((volume) => `the volume ${clipped(volume)} is declared, but the policy does not allow it.`),
    (facts) => declared(new Set(facts.flatMap(({ volumes }) => volumes))),
  );
}

function withoutSlash(path: string): string {
  return path.length > 1 ? withoutEnd(path, '/') : path;
}

function declared(volumes: ReadonlySet<string>): string {
  return volumes.size === 0
    ? 'No volume is declared.'
    : `Declared: ${[...volumes].map((path) => clipped(path)).join(', ')}.`;
}
