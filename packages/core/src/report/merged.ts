import { type Cause, type CauseMap, causeOf } from '../cause/cause.ts';
import type { Finding, ScanEvidence } from '../evidence.ts';
import { worstFirst } from '../gate/findings.ts';
import type { SilencedFinding } from '../gate/silenced.ts';

/** A finding and the platforms it is in: most are in all of them, and a reader wants it once. */
export interface MergedFinding extends Finding {
  readonly platforms: readonly string[];
  /** What silences it, where it is silenced on every platform that it is in. */
  readonly silencedBy?: SilencedFinding;
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
 * The findings of every platform, each (advisory, package, version) once, worst first.
 * @param silenced what policy and VEX silence
 */
export function mergeFindings(
  platforms: readonly PlatformFindings[],
  silenced: ReadonlyMap<Finding, SilencedFinding> = new Map(),
): readonly MergedFinding[] {
  const merged = new Map<string, MergedFinding>();
  const short = shortKeys();
  for (const { platform, scan, causes } of platforms) {
    for (const finding of scan?.findings ?? []) {
      const { name, type, version } = finding.package;
      const key = short(finding.id, finding.severity, type, name, version);
      const known = merged.get(key);
      const on = new Set([...(known?.platforms ?? []), platform]);
      const fixedIn = new Set([...(known?.fixedIn ?? []), ...finding.fixedIn]);
      const locations = new Set([...(known?.locations ?? []), ...finding.locations]);
      const cause = known?.cause ?? (causes && causeOf(finding, causes));
      const by = known && !known.silencedBy ? undefined : silenced.get(finding);
      merged.set(key, {
        ...finding,
        platforms: [...on],
        fixedIn: [...fixedIn],
        locations: [...locations],
        ...(by ? { silencedBy: by } : {}),
        ...(cause ? { cause } : {}),
      });
    }
  }
  return worstFirst([...merged.values()]);
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
