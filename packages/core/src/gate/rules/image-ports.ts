import type { RuleResult } from '../../policy.ts';
import { clipped } from '../../text/wording.ts';
import { allowedByAll } from '../allowed.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { ofFacts } from '../facts.ts';

/** The image exposes only ports that the policy allows. */
export function imagePorts(context: RuleContext): readonly RuleResult[] {
  const lists = context.policy.image?.ports ?? [];
  if (lists.length === 0) return notApplicable('image-ports', 'The policy does not restrict ports.');
  return ofFacts(
    context,
    'image-ports',
    ({ ports }) =>
      ports
        .filter((port) => !allowedByAll(lists, (entry) => withProtocol(entry) === withProtocol(port)))
        .map((port) => `port ${clipped(port)} is exposed, but the policy does not allow it.`),
    (facts) => exposed(new Set(facts.flatMap(({ ports }) => ports))),
  );
}

/** OCI image-spec, config.md: a port without a protocol is tcp. */
function withProtocol(port: string): string {
  return (port.includes('/') ? port : `${port}/tcp`).toLowerCase();
}

function exposed(ports: ReadonlySet<string>): string {
  return ports.size === 0 ? 'No port is exposed.' : `Exposed: ${[...ports].map((port) => clipped(port)).join(', ')}.`;
}
