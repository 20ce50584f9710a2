import type { Finding } from '../evidence.ts';
import type { Policy } from '../policy.ts';

/** Syft's types of packages whose advisories are those of one release of a distribution: each fix is made for it. */
const OF_DISTRIBUTIONS = new Set(['deb', 'rpm', 'apk', 'alpm', 'portage']);
/** From this number on, the first part of a version is a year: such versions have no release lines. */
const FIRST_YEAR = 1990;

/**
 * The fixed versions in the release line that is used: of a distribution all, else those of the same major version.
 * A version whose major cannot be read counts. Another major is an upgrade, and not a fix of what is here.
 */
export function fixesInLine({ package: { type, version }, fixedIn }: Finding): readonly string[] {
  if (OF_DISTRIBUTIONS.has(type)) return fixedIn;
  const used = majorOf(version);
  return fixedIn.filter((fixed) => {
    const major = majorOf(fixed);
    return used === undefined || major === undefined || major === used || major >= FIRST_YEAR;
  });
}

function majorOf(version: string): number | undefined {
  const [, major] = /^(?:v|go|r)?(\d{1,9})(?:[.+~_-]|$)/i.exec(version) ?? [];
  return major === undefined ? undefined : Number(major);
}

/** The fixed versions where none of them is in the release line that is used: an upgrade, and not a fix of what is here. */
export function fixedOnlyIn(finding: Finding): readonly string[] {
  return fixesInLine(finding).length === 0 ? finding.fixedIn : [];
}

/** A fix can be had without leaving the release line. A fix whose version is not known counts. */
export function hasFix(finding: Finding): boolean {
  return finding.fixedIn.length > 0 ? fixesInLine(finding).length > 0 : finding.fix === 'fixed';
}

/** The state that a policy judges by: a fix that lies in another release line only is none yet. */
export function fixState(finding: Finding): Finding['fix'] {
  if (hasFix(finding)) return 'fixed';
  return finding.fix === 'fixed' ? 'not-fixed' : finding.fix;
}

/**
 * Whether the fix is so new that it may still be missing. Only where the scan has the date of each fix in the line, and
 * never for what is critical or known to be exploited.
 */
export function isInGrace({ fixGrace = 0 }: Pick<Policy, 'fixGrace'>, finding: Finding, now: Date): boolean {
  if (fixGrace === 0 || finding.severity === 'critical' || finding.knownExploited === true) return false;
  const fixes = fixesInLine(finding);
  if (fixes.length === 0) return false;
  const dates = finding.fixDates ?? {};
  let first = Number.POSITIVE_INFINITY;
  for (const version of fixes) {
    // A version may be called `constructor`.
    const date = Object.hasOwn(dates, version) ? dates[version] : undefined;
    first = Math.min(first, date?.getTime() ?? Number.NEGATIVE_INFINITY);
  }
  const age = now.getTime() - first;
  // A date that lies ahead is not believed, and one that is missing makes the age infinite.
  return age >= 0 && age < fixGrace;
}
