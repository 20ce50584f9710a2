import type { RuleResult } from '../../policy.ts';
import { allowedByAll } from '../allowed.ts';
import type { RuleContext } from '../context.ts';
import { ofScans } from '../scans.ts';

/**
 * The vulnerability database comes from a server that the policy allows, and the verdict names both server and
 * database.
 */
export function databaseSource(context: RuleContext): readonly RuleResult[] {
  const { databaseMirrors = [] } = context.policy;
  return ofScans(
    context,
    'database-source',
    ({ database: { source } }) =>
      allowedByAll(databaseMirrors, (server) => server === source)
        ? []
        : [`the vulnerability database is from ${source}, which is not in database.mirrors of the policy.`],
    (scans) => {
      const named = scans.map(({ database: { checksum, source } }) => `${source} (${checksum})`);
      return `Vulnerability database from ${[...new Set(named)].join(', ')}.`;
    },
  );
}
