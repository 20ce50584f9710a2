import type { Finding } from '../evidence.ts';
import { readPurl } from '../purl.ts';
import { ALL_SEVERITIES } from '../severity.ts';

/** Strictest first: a fix that one source knows is a fix. */
const FIXES: readonly Finding['fix'][] = ['fixed', 'not-fixed', 'wont-fix', 'unknown'];

/** Two findings are one when advisory, type, package URL, name and version agree: npm and gems both have a `bootstrap`. */
export function findingKey({ id, package: { name, purl, type, version } }: Finding): string {
  return JSON.stringify([id, type, name, version, purl ?? '']);
}

/** The same for findings of several platforms, whose package URLs name the architecture. */
export function findingKeyOfAnyPlatform(finding: Finding): string {
  const { purl } = finding.package;
  const read = purl === undefined ? undefined : readPurl(purl);
  if (!read) return findingKey(finding);
  const qualifiers = [...read.qualifiers].filter(([name]) => name !== 'arch').toSorted(([a], [b]) => (a < b ? -1 : 1));
  const { id, package: own } = finding;
  return JSON.stringify([id, own.type, own.name, own.version, read.type, read.path, read.version ?? '', qualifiers]);
}

/** Both as one: of each fact the stricter, of each list all. */
export function mergedFinding(a: Finding, b: Finding): Finding {
  const worse = ALL_SEVERITIES.indexOf(b.severity) < ALL_SEVERITIES.indexOf(a.severity) ? b : a;
  const url = worse.url ?? a.url ?? b.url;
  const [epss, risk] = [highest(a.epss, b.epss), highest(a.risk, b.risk)];
  return {
    id: a.id,
    severity: worse.severity,
    fix: FIXES.indexOf(b.fix) < FIXES.indexOf(a.fix) ? b.fix : a.fix,
    fixedIn: union(a.fixedIn, b.fixedIn),
    ...(a.fixDates || b.fixDates ? { fixDates: earliest(a.fixDates, b.fixDates) } : {}),
    package: a.package,
    locations: union(a.locations, b.locations),
    aliases: union(a.aliases, b.aliases),
    ...(url === undefined ? {} : { url }),
    ...(a.knownExploited || b.knownExploited ? { knownExploited: true } : {}),
    ...(epss === undefined ? {} : { epss }),
    ...(risk === undefined ? {} : { risk }),
  };
}

function earliest(a: Finding['fixDates'] = {}, b: Finding['fixDates'] = {}): NonNullable<Finding['fixDates']> {
  const dates = new Map(Object.entries(a));
  for (const [version, date] of Object.entries(b)) {
    const other = dates.get(version);
    dates.set(version, other && other < date ? other : date);
  }
  return Object.fromEntries(dates);
}

function highest(...numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((each) => each !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}
