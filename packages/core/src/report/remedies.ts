import type { Cause } from '../cause/cause.ts';
import type { Finding } from '../evidence.ts';
import { worstFirst } from '../gate/findings.ts';
import { fixedOnlyIn, fixesInLine } from '../gate/fix.ts';
import { ALL_SEVERITIES, type Severity } from '../severity.ts';
import { shortKeys } from './merged.ts';

/** One upgrade, and the vulnerabilities it fixes. */
export interface Remedy {
  readonly package: Finding['package'];
  /** The fixed versions in the words of the advisories; empty if no fix is known in the used release line. */
  readonly fixedIn: readonly string[];
  /** Fixed versions of another release line, if there is no other fix. */
  readonly onlyIn: readonly string[];
  /**
   * Whether any of those versions fixes all advisories (one advisory, several release lines), or only the newest of
   * them.
   */
  readonly choice: 'any' | 'newest';
  readonly worst: Severity;
  /** Worst first. */
  readonly advisories: readonly string[];
  readonly locations: readonly string[];
  /** The package comes from the distribution: a newer base image or its package manager brings the fix. */
  readonly fromDistribution: boolean;
  /** The cause of the package, if known. */
  readonly cause?: Cause | undefined;
}

/** A finding, and the cause of its package. */
type Caused = Finding & { readonly cause?: Cause };

const DISTRIBUTION_TYPES = new Set(['deb', 'rpm', 'apk', 'alpm', 'portage']);

/**
 * Upgrades, most useful first: one entry per package and version; those with a fix before those without, then worst
 * first, then by the number of fixed advisories.
 */
export function remediesFor(findings: readonly Caused[]): readonly Remedy[] {
  const groups = new Map<string, Caused[]>();
  const short = shortKeys();
  for (const finding of worstFirst(findings)) {
    const key = short(finding.package.type, finding.package.name, finding.package.version);
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  const remedies = [...groups.values()].flatMap((group) => {
    // Advisories of one package may have different fixed versions, or none: an upgrade fixes those that have one.
    const fixable = group.filter((finding) => fixesInLine(finding).length > 0);
    const elsewhere = group.filter((finding) => fixedOnlyIn(finding).length > 0);
    const rest = group.filter(({ fixedIn }) => fixedIn.length === 0);
    return [fixable, elsewhere, rest].filter((part) => part.length > 0).map(remedyOf);
  });
  const rank = ({ worst }: Remedy) => ALL_SEVERITIES.indexOf(worst);
  return remedies.toSorted(
    (a, b) =>
      Number(b.fixedIn.length > 0) - Number(a.fixedIn.length > 0) ||
      rank(a) - rank(b) ||
      b.advisories.length - a.advisories.length,
  );
}

function remedyOf(group: readonly Caused[]): Remedy {
  const [first] = group as readonly [Caused, ...Caused[]];
  const cause = group.find((each) => each.cause)?.cause;
  const fixedIn = [...new Set(group.flatMap((each) => (fixedOnlyIn(each).length > 0 ? [] : each.fixedIn)))];
  return {
    package: first.package,
    fixedIn,
    onlyIn: [...new Set(group.flatMap(fixedOnlyIn))],
    choice: group.every((each) => new Set(each.fixedIn).size === fixedIn.length) ? 'any' : 'newest',
    worst: first.severity,
    advisories: [...new Set(group.map(({ id }) => id))],
    locations: [...new Set(group.flatMap(({ locations }) => locations))],
    fromDistribution: DISTRIBUTION_TYPES.has(first.package.type),
    cause,
  };
}
