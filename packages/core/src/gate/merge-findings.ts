import type { Finding } from '../finding.ts';
import { readPurl } from '../purl/purl.ts';
import { ALL_SEVERITIES } from '../severity.ts';

/** Strictest first: a fix that any source knows counts as a fix. */
const FIXES: readonly Finding['fix'][] = ['fixed', 'not-fixed', 'wont-fix', 'unknown'];

/**
 * Findings are the same if advisory, type, package URL, name and version agree: npm and gems both have a `bootstrap`.
 */
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

/**
 * Merges all into one: the strictest of each fact, and all list entries. Takes all at once: an image may have a package
 * 40,000 times.
 */
export function mergedFinding(findings: readonly [Finding, ...Finding[]]): Finding {
  const [first] = findings;
  const worst = findings.reduce((a, b) =>
    ALL_SEVERITIES.indexOf(b.severity) < ALL_SEVERITIES.indexOf(a.severity) ? b : a,
  );
  const url = worst.url ?? findings.find((each) => each.url !== undefined)?.url;
  const [epss, risk] = [highest(findings.map((each) => each.epss)), highest(findings.map((each) => each.risk))];
  const fixDates = earliest(findings);
  const title = worst.title ?? findings.find((each) => each.title !== undefined)?.title;
  return {
    id: first.id,
    severity: worst.severity,
    fix: FIXES.find((fix) => findings.some((each) => each.fix === fix)) ?? first.fix,
    fixedIn: union(findings.map(({ fixedIn }) => fixedIn)),
    fixDates,
    package: first.package,
    locations: union(findings.map(({ locations }) => locations)),
    aliases: union(findings.map(({ aliases }) => aliases)),
    url,
    title,
    cvss: highestScore(findings),
    knownExploited: findings.some(({ knownExploited }) => knownExploited) ? true : undefined,
    epss,
    risk,
  };
}

function highestScore(findings: readonly Finding[]): Finding['cvss'] {
  return findings.reduce<Finding['cvss']>(
    (best, { cvss }) => (cvss && (!best || cvss.score > best.score) ? cvss : best),
    undefined,
  );
}

function earliest(findings: readonly Finding[]): Finding['fixDates'] {
  const dates = new Map<string, Date>();
  for (const { fixDates = {} } of findings) {
    for (const [version, date] of Object.entries(fixDates)) {
      const other = dates.get(version);
      dates.set(version, other && other < date ? other : date);
    }
  }
  return findings.some(({ fixDates }) => fixDates) ? Object.fromEntries(dates) : undefined;
}

function highest(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined);
}

function union(lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())];
}
