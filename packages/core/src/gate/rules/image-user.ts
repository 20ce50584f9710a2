import type { RuleResult } from '../../policy.ts';
import { clipped } from '../../text/wording.ts';
import { allowedByAll } from '../allowed.ts';
import { notApplicable, type RuleContext } from '../context.ts';
import { ofFacts } from '../facts.ts';

/** A container of the image does not start as root, or starts as a user that the policy allows. */
export function imageUser(context: RuleContext): readonly RuleResult[] {
  const { nonRoot = false, users = [] } = context.policy.image ?? {};
  if (!nonRoot && users.length === 0) return notApplicable('image-user', 'The policy does not restrict the user.');
  return ofFacts(
    context,
    'image-user',
    ({ user }) => {
      const shown = user === '' ? 'no user, which is root' : `user ${JSON.stringify(clipped(user))}`;
      if (nonRoot && isRoot(user)) return [`the image starts as ${shown}.`];
      return allowedByAll(users, (entry) => entry === user)
        ? []
        : [`the image starts as ${shown}, which the policy does not allow.`];
    },
    (facts) => `Starts as ${[...new Set(facts.map(({ user }) => JSON.stringify(clipped(user))))].join(', ')}.`,
  );
}

/** As runtimes read it (OCI image-spec, config.md, "User"): no user means root, and so does 0, in any spelling. */
function isRoot(user: string): boolean {
  const name = user.split(':', 1)[0]?.trim() ?? '';
  return name === '' || name === 'root' || /^[+-]?0+$/.test(name);
}
