import type { Finding } from '../finding.ts';
import type { Policy } from '../policy.ts';

/** Syft's package types whose advisories are for one release of a distribution: each fix is made for that release. */
const OF_DISTRIBUTIONS = new Set(['deb', 'rpm', 'apk', 'alpm', 'portage']);
/** From this number on, the first part of a version is a year: such versions have no release lines. */
const FIRST_YEAR = 1990;

/**
 * The fixed versions in the installed release line: for a distribution's package all, otherwise those of the same major
 * version. A version whose major cannot be read counts. Another major version is an upgrade, not a fix.
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

/** The fixed versions if none is in the installed release line: an upgrade, not a fix. */
export function fixedOnlyIn(finding: Finding): readonly string[] {
  return fixesInLine(finding).length === 0 ? finding.fixedIn : [];
}

/** A fix exists in the release line. A fix of unknown version counts. */
export function hasFix(finding: Finding): boolean {
  return finding.fixedIn.length > 0 ? fixesInLine(finding).length > 0 : finding.fix === 'fixed';
}

/** The fix state for the policy: a fix only in another release line does not count as a fix. */
export function fixState(finding: Finding): Finding['fix'] {
  if (hasFix(finding)) return 'fixed';
  return finding.fix === 'fixed' ? 'not-fixed' : finding.fix;
}

/**
 * Whether the fix is so new that it may still be missing. Needs the date of each fix in the release line from the scan,
 * and never applies to critical or known exploited findings.
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
  // A date in the future is not trusted, and a missing one makes the age infinite.
  return age >= 0 && age < fixGrace;
}
