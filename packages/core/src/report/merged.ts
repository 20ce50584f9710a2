import { type Cause, type CauseMap, causeOf } from '../cause/cause.ts';
import type { Finding, ScanEvidence } from '../evidence.ts';
import { worstFirst } from '../gate/findings.ts';
import { findingKeyOfAnyPlatform, mergedFinding } from '../gate/merge-findings.ts';
import type { SuppressedFinding } from '../gate/suppressed.ts';

/** A finding and the platforms it is in: most are in all of them, and a reader wants it once. */
export interface MergedFinding extends Finding {
  readonly platforms: readonly string[];
  /** What suppresses it, where it is suppressed on every platform that it is in. */
  readonly suppressedBy?: SuppressedFinding;
  /** The live image has it, on every platform that it is in, and so it only warns. */
  readonly alreadyLive?: boolean;
  /** What brought its package in, on the first platform where that is known. */
  readonly cause?: Cause;
}

export interface PlatformFindings {
  readonly platform: string;
  readonly scan?: ScanEvidence;
  /** Undefined for an image that was built elsewhere. */
  readonly causes?: CauseMap;
}

/**
 * The findings of every platform, each once, with what any platform knows of it, worst first.
 * @param suppressed what policy and VEX suppress
 * @param live what only warns, because the live image has it too
 */
export function mergeFindings(
  platforms: readonly PlatformFindings[],
  suppressed: ReadonlyMap<Finding, SuppressedFinding> = new Map(),
  live: ReadonlySet<Finding> = new Set(),
): readonly MergedFinding[] {
  const groups = new Map<string, [Placed, ...Placed[]]>();
  for (const on of platforms) {
    for (const finding of on.scan?.findings ?? []) {
      const key = findingKeyOfAnyPlatform(finding);
      const same = groups.get(key);
      if (same) same.push({ finding, on });
      else groups.set(key, [{ finding, on }]);
    }
  }
  const merged = [...groups.values()].map((same): MergedFinding => {
    const [{ finding }, ...others] = same;
    const by = same.every((each) => suppressed.has(each.finding))
      ? suppressed.get((same.at(-1) ?? same[0]).finding)
      : undefined;
    const cause = firstCause(same);
    return {
      ...(others.length === 0 ? finding : mergedFinding([finding, ...others.map((each) => each.finding)])),
      platforms: [...new Set(same.map(({ on }) => on.platform))],
      ...(by ? { suppressedBy: by } : {}),
      ...(same.every((each) => live.has(each.finding)) ? { alreadyLive: true } : {}),
      ...(cause ? { cause } : {}),
    };
  });
  return worstFirst(merged);
}

interface Placed {
  readonly finding: Finding;
  readonly on: PlatformFindings;
}

function firstCause(same: readonly Placed[]): Cause | undefined {
  for (const { finding, on } of same) {
    const cause = on.causes && causeOf(finding, on.causes);
    if (cause) return cause;
  }
  return undefined;
}

/** Keys of numbers that stand for texts: a package's name may be a hundred thousand characters, thousands of times. */
export function shortKeys(): (...parts: readonly string[]) => string {
  const numbers = new Map<string, number>();
  const numberOf = (text: string) => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  return (...parts) => parts.map(numberOf).join(' ');
}
