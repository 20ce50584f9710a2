import { GRYPE_SERVER, KEPT_DATABASE } from './database-server.ts';
import { POLICY_FILE, type PolicyFile } from './definition.ts';

/**
 * Both policies at once: of each value the stricter. Limits: the smaller. `fail` before `report`. Lists of what is
 * denied, required or ignored: all of both. Lists of what is allowed: both must allow. Both must be completed.
 */
export function stricter(a: PolicyFile, b: PolicyFile): PolicyFile {
  return POLICY_FILE.stricter(a, b);
}

/**
 * A policy together with one that it extends. Both must be completed.
 * @param base with all policies that it extends itself
 */
export function extending(own: PolicyFile, base: PolicyFile): PolicyFile {
  return stricter(own, asExtended(base));
}

/**
 * A policy as the floor for those that extend it. Without a database server it means Grype's own: otherwise a
 * repository could remove all findings with `db-mirror` and an empty database of its own.
 */
function asExtended(base: PolicyFile): PolicyFile {
  const { database = {} } = base;
  if (database.mirrors) return base;
  const keptToo = (database['fallback-max-age'] ?? 0) > 0;
  return { ...base, database: { ...database, mirrors: [[GRYPE_SERVER, ...(keptToo ? [KEPT_DATABASE] : [])]] } };
}
