import { type FileClaim, fileClaims, withoutClaims } from '@tidegate/attest';
import { clipped, counted, type DistributionRelease, listed } from '@tidegate/core';
import type { Database } from '../database/database.ts';
import type { Services } from '../services.ts';
import { knownNames } from './coverage.ts';

/**
 * The document for Grype, without doubtful claims of packages on other packages' files. An attacker who adds a package
 * to a system can let it claim any file, and Grype would then omit the package that the file belongs to. A claim counts
 * only if the database has advisories for a package of that name, which packages the other one in the same version:
 * then the distribution reports vulnerabilities of both.
 * @param release called only if there is such a claim
 */
export async function withoutDoubtfulClaims(
  document: Uint8Array,
  release: () => DistributionRelease | undefined,
  database: Pick<Database, 'folder'>,
  services: Services,
): Promise<Uint8Array> {
  const claims = fileClaims(document);
  if (claims.length === 0) return document;
  const wanted = new Map<string, Set<string>>();
  for (const { kind, names } of claims) {
    if (names.length > 0) wanted.set(kind, new Set([...(wanted.get(kind) ?? []), ...names]));
  }
  const known = wanted.size === 0 ? new Set<string>() : await knownNames(wanted, release(), database, services);
  const doubtful = claims.filter(({ kind, names }) => !names.some((name) => known.has(`${kind} ${name}`)));
  if (doubtful.length === 0) return document;
  services.log.info(
    `${counted(doubtful.length, 'package')} scanned although another one claims the files: ${shown(doubtful)}.`,
  );
  return withoutClaims(document, doubtful);
}

const MOST_SHOWN = 3;

function shown(claims: readonly FileClaim[]): string {
  return listed(
    claims.map(({ by, of }) => `${clipped(of)} (${clipped(by)})`),
    MOST_SHOWN,
  );
}
