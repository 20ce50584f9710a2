import { type Cause, type CauseMap, causeOf, packageKey } from '../cause/cause.ts';
import type { DeclaredIn } from '../declared-in/declared-in.ts';
import type { ScanEvidence } from '../evidence.ts';
import type { Finding } from '../finding.ts';
import { worstFirst } from '../gate/findings.ts';
import { findingKeyOfAnyPlatform, mergedFinding } from '../gate/merge-findings.ts';
import type { SuppressedFinding } from '../gate/suppressed.ts';

/** A finding and its platforms: most are in all of them, so each is shown once. */
export interface MergedFinding extends Finding {
  readonly platforms: readonly string[];
  /** The suppression, if it applies on every platform that the finding is in. */
  readonly suppressedBy?: SuppressedFinding | undefined;
  /** The live image has it, on every platform that it is in, so it is only a warning. */
  readonly alreadyLive?: boolean | undefined;
  /** The cause of its package, on the first platform where it is known. */
  readonly cause?: Cause | undefined;
  /** The file that declares its package, on the first platform where it is known. */
  readonly declaredIn?: DeclaredIn | undefined;
}

export interface PlatformFindings {
  readonly platform: string;
  readonly scan?: Pick<ScanEvidence, 'findings'> | undefined;
  /** Undefined for an image that was built elsewhere. */
  readonly causes?: CauseMap | undefined;
  /** The files that declare packages, by `packageKey`. Undefined without a checkout. */
  readonly declared?: ReadonlyMap<string, DeclaredIn> | undefined;
}

/**
 * The findings of every platform, each once, with the data of all platforms, worst first.
 * @param suppressed by policy and VEX
 * @param live findings that are only warnings, because the live image has them too
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
      suppressedBy: by,
      alreadyLive: same.every((each) => live.has(each.finding)) ? true : undefined,
      cause,
      declaredIn: firstDeclared(same),
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

function firstDeclared(same: readonly Placed[]): DeclaredIn | undefined {
  for (const { finding, on } of same) {
    const declared = on.declared?.get(packageKey(finding.package));
    if (declared) return declared;
  }
  return undefined;
}

/**
 * Numbers as keys in place of texts: a package's name may have a hundred thousand characters, and occur thousands of
 * times.
 */
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
