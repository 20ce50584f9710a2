import type { SbomEvidence, ScanEvidence } from '../../evidence.ts';
import type { Policy, RuleResult } from '../../policy.ts';
import { DISTRIBUTION_PACKAGES } from '../../purl/distribution.ts';
import { clipped, counted } from '../../text/wording.ts';
import { evidenceOf, type RuleContext, type Subject } from '../context.ts';
import { ofScans } from '../scans.ts';

const ANY = 'OS';

/**
 * The scan could find vulnerabilities: the scanner recognised the distribution, and its database has advisories for
 * each package type of exactly that release. A scanner that does not know a release matches nothing and exits 0, and
 * its report looks like that of an image without vulnerabilities.
 */
export function scanDistributionKnown(context: RuleContext): readonly RuleResult[] {
  const { policy } = context;
  const known = new Set<string>();
  return ofScans(
    context,
    'scan-distribution-known',
    (scan, subject) => {
      const kinds = countsOf(catalogOf(context, scan, subject));
      if (kinds.size === 0) return [];
      const image = nameOf(context, scan, subject);
      const standIn = standInProblem(policy, scan, image);
      if (standIn) return [standIn];
      const { distribution } = scan;
      if (distribution === undefined) {
        return [`the scanner does not know the distribution ${clipped(image)}: ${packages(kinds)} not scanned.`];
      }
      const blind = new Map([...kinds].filter(([kind]) => !isCovered(kind, scan)));
      if (blind.size > 0) {
        const said = image === distribution ? clipped(image) : `${clipped(image)}, scanned as ${clipped(distribution)}`;
        return [
          `the vulnerability database has no advisories for this release (${said}): ${packages(blind)} not scanned.`,
        ];
      }
      if (scan.endOfLife > 0 && policy.endOfLife !== 'report') {
        return [`${clipped(distribution)} is past its end of life: its packages get no new advisories.`];
      }
      known.add(image === distribution ? image : `${image} as ${distribution}`);
      return [];
    },
    () =>
      known.size === 0
        ? 'The scan covered no system packages.'
        : `The database has advisories for ${[...known].map((each) => clipped(each)).join(', ')}.`,
  );
}

/** Only the policy decides which distribution's advisories apply to a derivative. */
function standInProblem(policy: Policy, { standIn }: ScanEvidence, image: string): string | undefined {
  if (standIn === undefined) return undefined;
  const decided = policy.standIns?.some((one) => one.image === image && one.as === standIn);
  return decided
    ? undefined
    : `${clipped(image)} was scanned as ${clipped(standIn)}, but distribution.stand-ins of the policy does not allow it.`;
}

/** The packages that the scan read. If its SBOM is not available, those of any other SBOM of the platform. */
function catalogOf(context: RuleContext, scan: ScanEvidence, subject: Subject): readonly SbomEvidence[] {
  const all = evidenceOf(context, 'sbom', subject);
  const read = all.filter(({ document }) => document === scan.sbom);
  return read.length > 0 ? read : all;
}

function nameOf(context: RuleContext, scan: ScanEvidence, subject: Subject): string {
  const named = catalogOf(context, scan, subject).find(({ distribution }) => distribution !== undefined);
  return named?.distribution ?? 'of the image (not named)';
}

/** Number of packages of each type that is matched through a distribution; `OS` if no document names the type. */
function countsOf(catalogs: readonly SbomEvidence[]): ReadonlyMap<string, number> {
  const listed = catalogs.flatMap(({ components }) => components ?? []);
  const types = listed.map(({ type }) => type).filter((type) => DISTRIBUTION_PACKAGES.includes(type));
  if (catalogs.some(({ components }) => components)) return counts(types);
  const most = Math.max(0, ...catalogs.map(({ osPackages }) => osPackages));
  return most > 0 ? new Map([[ANY, most]]) : new Map();
}

function counts(types: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const type of types) found.set(type, (found.get(type) ?? 0) + 1);
  return found;
}

function isCovered(kind: string, { covered }: ScanEvidence): boolean {
  return kind === ANY ? covered.length > 0 : covered.includes(kind);
}

function packages(kinds: ReadonlyMap<string, number>): string {
  return [...kinds].map(([kind, count]) => counted(count, `${kind} package was`, `${kind} packages were`)).join(', ');
}
