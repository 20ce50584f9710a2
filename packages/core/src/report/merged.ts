import type { Finding, ScanEvidence } from '../evidence.ts';
import { worstFirst } from '../gate/severity.ts';

/** A finding and the platforms it is in: most are in all of them, and a reader wants it once. */
export interface MergedFinding extends Finding {
  readonly platforms: readonly string[];
}

export interface PlatformFindings {
  readonly platform: string;
  readonly scan?: ScanEvidence;
}

/** The findings of every platform, each (advisory, package, version) once, worst first. */
export function mergeFindings(platforms: readonly PlatformFindings[]): readonly MergedFinding[] {
  const merged = new Map<string, MergedFinding>();
  for (const { platform, scan } of platforms) {
    for (const finding of scan?.findings ?? []) {
      const key = JSON.stringify([
        finding.id,
        finding.severity,
        finding.package.type,
        finding.package.name,
        finding.package.version,
      ]);
      const known = merged.get(key);
      const on = new Set([...(known?.platforms ?? []), platform]);
      const fixedIn = new Set([...(known?.fixedIn ?? []), ...finding.fixedIn]);
      const locations = new Set([...(known?.locations ?? []), ...finding.locations]);
      merged.set(key, { ...finding, platforms: [...on], fixedIn: [...fixedIn], locations: [...locations] });
    }
  }
  return worstFirst([...merged.values()]) as readonly MergedFinding[];
}
