import type { Finding } from '../finding.ts';
import { fixedOnlyIn, fixesInLine } from '../gate/fix.ts';
import { shortKeys } from './merged.ts';

/** Longer versions, and more of them, are not compared. */
const LONGEST = 100;
const MOST = 100;

/**
 * Compares two versions of one package, of whatever kind, where the result is certain: they differ first in a number
 * (`1.2.9` and `1.2.10`, `12+deb12u1` and `12+deb12u2`), or one only adds a number or a distribution's patch to the
 * other. Everything else (`1.0.0-rc1` and `1.0.0`, with and without an epoch) has a different order in each ecosystem.
 * @returns undefined if the order is not certain
 */
export function compareVersions(one: string, other: string): number | undefined {
  if (one === other) return 0;
  if (Math.max(one.length, other.length) > LONGEST || one.includes(':') !== other.includes(':')) return undefined;
  const [a, b] = [partsOf(one), partsOf(other)];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [left, right] = [a[at], b[at]];
    if (left === right) continue;
    if (left === undefined) return right !== undefined && adds(right) ? -1 : undefined;
    if (right === undefined) return adds(left) ? 1 : undefined;
    if (!isNumber(left) || !isNumber(right)) return undefined;
    const difference = BigInt(left) - BigInt(right);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}

function partsOf(version: string): readonly string[] {
  return version.replace(/^(?:v|go)(?=\d)/, '').match(/\d+|\D+/g) ?? [];
}

function isNumber(part: string): boolean {
  return /^\d+$/.test(part);
}

/** The text that continues a version in a later one: `.1`, `+deb12u1`, `ubuntu0.1`. */
function adds(part: string): boolean {
  return part === '.' || part === '+deb' || part === 'ubuntu' || part === '.el' || part === '.fc';
}

/** The versions to upgrade to. */
export interface UpgradeTarget {
  /** One version, if it is certain which one fixes all; otherwise all that advisories name. */
  readonly to: readonly string[];
  /** Whether any of them fixes all findings, or only the newest of them. */
  readonly choice: 'any' | 'newest';
}

/** The lowest version that fixes all findings of one package. */
export function upgradeTarget(findings: readonly Finding[]): UpgradeTarget {
  const wanted = new Map<string, Wanted>();
  const short = shortKeys();
  for (const finding of findings) {
    const inLine = fixesInLine(finding);
    const fixes = inLine.length > 0 ? inLine : fixedOnlyIn(finding);
    const { version } = finding.package;
    if (fixes.length > 0) wanted.set(short(version, ...fixes), { version, fixes });
  }
  const lists = [...wanted.values()];
  const all = [...new Set(lists.flatMap(({ fixes }) => fixes))];
  if (all.length <= 1) return { to: all, choice: 'any' };
  const enough = all.length > MOST ? [] : all.filter((version) => lists.every((each) => isEnough(version, each)));
  const [first, ...others] = enough;
  // Without a certain lowest one, the reader gets all of them.
  const lowest =
    first === undefined
      ? undefined
      : others.reduce<string | undefined>((a, b) => (a === undefined ? a : lower(a, b)), first);
  if (lowest !== undefined) return { to: [lowest], choice: 'any' };
  return { to: all, choice: lists.every(({ fixes }) => fixes.length === all.length) ? 'any' : 'newest' };
}

interface Wanted {
  readonly version: string;
  readonly fixes: readonly string[];
}

/**
 * An advisory may name a fixed version for each release line (1.2.4, 1.3.1): 1.3.0 is above the first and has no fix. So
 * a version is enough if it is one of them, a later one of the same line (1.2.5), or not below any of them.
 */
function isEnough(candidate: string, { version, fixes }: Wanted): boolean {
  if (compareVersions(candidate, version) !== 1) return false;
  const isNotBelow = (fix: string) => (compareVersions(candidate, fix) ?? -1) >= 0;
  return fixes.some((fix) => isOfLine(candidate, fix) && isNotBelow(fix)) || fixes.every(isNotBelow);
}

/** Versions of one release line differ in the last of at least three numbers: 1.26.9 and 1.26.10. */
function isOfLine(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [partsOf(one), partsOf(other)];
  const isRelease = (parts: readonly string[]) => isNumber(parts.at(-1) ?? '') && parts.filter(isNumber).length >= 3;
  return isRelease(a) && isRelease(b) && a.length === b.length && a.slice(0, -1).join() === b.slice(0, -1).join();
}

function lower(a: string, b: string): string | undefined {
  const order = compareVersions(a, b);
  return order === undefined ? undefined : order <= 0 ? a : b;
}
