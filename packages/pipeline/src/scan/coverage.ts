import {
  clipped,
  DISTRIBUTION_PACKAGES,
  type DistributionRelease,
  parsedJson,
  releaseName,
  type SbomEvidence,
  TidegateError,
} from '@tidegate/core';
import * as v from 'valibot';
import type { Database } from '../database/database.ts';
import { grypeSettings } from '../database/grype.ts';
import type { Services } from '../services.ts';
import { batchGo } from './go-runtime.ts';

const TIMEOUT = 5 * 60_000;

/**
 * Parses Grype's log of a scan at level `debug`: only these lines report which packages it could not match. Only
 * warnings and errors are shown to users.
 */
export class ScanLines {
  #unknownRelease = false;
  #failedMatch: string | undefined;

  /** @returns the line if it should be shown to users */
  read(line: string): string | undefined {
    if (line.includes('no OS found in the DB for the given criteria')) this.#unknownRelease = true;
    if (line.includes('matcher returned error')) this.#failedMatch ??= line;
    return /^\[\d+\]\s+(WARN|ERROR|FATAL)\b/.test(line) ? line : undefined;
  }

  /** The database does not contain the release of the distribution. */
  get unknownRelease(): boolean {
    return this.#unknownRelease;
  }

  /** @throws TidegateError `tool` when Grype left a package out. */
  assertComplete(): void {
    if (this.#failedMatch === undefined) return;
    throw new TidegateError(
      'scan-incomplete',
      `Grype could not match every package: ${clipped(this.#failedMatch, 300)}`,
      {
        next: 'Report it with the version of Grype, or use another version.',
      },
    );
  }
}

/**
 * Package types of an SBOM for which the database has advisories of exactly this release. Grype exits 0 with an empty
 * report for a release that its database does not know, and for packages of another distribution's kind.
 */
export async function coveredKinds(
  { components = [] }: Pick<SbomEvidence, 'components'>,
  release: DistributionRelease | undefined,
  database: Pick<Database, 'folder'>,
  services: Services,
): Promise<readonly string[]> {
  const kinds = DISTRIBUTION_PACKAGES.filter((kind) => components.some(({ type }) => type === kind));
  if (!release) return [];
  const covered: string[] = [];
  for (const kind of kinds) if (await hasAdvisories(kind, release, database, services)) covered.push(kind);
  return covered;
}

/**
 * Query Grype for one advisory about that kind of package. It exits with 1 if there are more, with 0 and an empty list
 * if there are none, and with 1 and another message if it does not know the release.
 */
async function hasAdvisories(
  kind: string,
  release: DistributionRelease,
  database: Pick<Database, 'folder'>,
  services: Services,
): Promise<boolean> {
  const { exitCode, stderr } = await searchAdvisories(kind, release, ['--limit', '1'], database, services);
  if (exitCode === 1 && stderr.includes('query limit reached')) return true;
  if (exitCode === 0 || stderr.includes('OS not present')) return false;
  throw new TidegateError(
    'scan-incomplete',
    `Grype does not report whether its database covers ${releaseName(release)}: ${stderr}`,
    {
      next: 'Run again. If it still fails, report it with the version of Grype.',
    },
  );
}

/**
 * The packages for which the database has any advisory of this exact release: `deb python-requests`.
 * @param wanted names by kind of package. Grype does not read some texts as a name when given as an argument; these
 * count as unknown
 */
export async function knownNames(
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
  release: DistributionRelease | undefined,
  database: Pick<Database, 'folder'>,
  services: Services,
): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  if (!release) return known;
  for (const [kind, names] of wanted) {
    const plain = [...names].filter((name) => /^[a-z0-9][a-z0-9+._-]*$/i.test(name));
    if (plain.length === 0) continue;
    const packages = plain.flatMap((name) => ['--pkg', name]);
    const query = ['--limit', '0', ...packages];
    const { exitCode, stdout, stderr } = await searchAdvisories(kind, release, query, database, services);
    if (exitCode === 1 && stderr.includes('OS not present')) continue;
    const found = exitCode === 0 ? v.safeParse(Found, parsedJson(stdout)) : undefined;
    if (!found?.success) {
      throw new TidegateError('scan-incomplete', `Grype does not say which packages its database knows: ${stderr}`, {
        next: 'Run again. If it still fails, report it with the version of Grype.',
      });
    }
    for (const { packages } of found.output) for (const one of packages ?? []) known.add(`${kind} ${one.package.name}`);
  }
  return known;
}

/** Run `grype db search` for advisories of exactly this release. */
async function searchAdvisories(
  kind: string,
  release: DistributionRelease,
  query: readonly string[],
  database: Pick<Database, 'folder'>,
  services: Services,
) {
  const grype = await services.tools.get('grype');
  const context = await services.children.create({ set: { ...grypeSettings(database.folder), ...batchGo() } });
  const scope = ['--distro', asArgument(release), '--ecosystem', kind];
  const argv = ['db', 'search', ...scope, ...query, '-o', 'json', '--config', context.emptyConfig];
  return services.run(grype.path, argv, { context, timeout: TIMEOUT, signal: services.signal, answers: [0, 1] });
}

const Found = v.array(
  v.looseObject({
    packages: v.optional(v.nullable(v.array(v.looseObject({ package: v.looseObject({ name: v.string() }) })))),
  }),
);

/**
 * Grype accepts a major and a minor version, or a codename. It parses a hyphen as the end of a name, so a hyphenated
 * name cannot name a release.
 */
export function asArgument({ id, version, codename }: DistributionRelease): string {
  const number = /^v?(\d[^.]*(?:\.[^.]+)?)/.exec(version ?? '')?.[1];
  return [id, number ?? (version || codename)].filter(Boolean).join(':');
}

/** Parses a release of a policy: `debian 12`. */
export function parseRelease(text: string): DistributionRelease {
  const [id = '', version] = text.split(' ');
  return { id, version: version || undefined };
}
