import { type Cause, causeOf, packageKey } from '../../cause/cause.ts';
import type { DeclaredIn } from '../../declared-in/declared-in.ts';
import type { Component } from '../../evidence.ts';
import { hasFix } from '../../gate/fix.ts';
import { findingKeyOfAnyPlatform } from '../../gate/merge-findings.ts';
import type { PlatformFindings } from '../merged.ts';
import type { SummaryFacts } from '../summary/facts.ts';
import type { HtmlReport, ReportedFinding } from './reported.ts';

export const STATES = ['fails', 'warns', 'reported', 'suppressed'] as const;
/** `warns`: it would fail the gate, but the live image has it too. */
export type State = (typeof STATES)[number];

export const FIXABILITY = ['yes', 'no', 'wont'] as const;
export type Fixability = (typeof FIXABILITY)[number];

/** A finding with every platform that has it in the same way. */
export interface FindingRow extends ReportedFinding {
  readonly platforms: readonly string[];
  /** The line that added the package, `Dockerfile:3`, or `Layer 2` if no line is known. */
  readonly source: string;
  readonly cause?: Cause | undefined;
  readonly declaredIn?: DeclaredIn | undefined;
}

export interface PackageRow extends Component {
  readonly platforms: readonly string[];
  readonly source: string;
}

/** Most rows are the same on every platform, so each is shown once. */
export function findingRows({ platforms }: HtmlReport, facts: SummaryFacts | undefined): readonly FindingRow[] {
  const rows = platforms.flatMap((one) => {
    const known: PlatformFindings | undefined = facts?.platforms?.find(({ platform }) => platform === one.platform);
    return one.findings.map((finding) => {
      const cause = known?.causes && causeOf(finding, known.causes);
      const declaredIn = known?.declared?.get(packageKey(finding.package));
      return {
        platform: one.platform,
        value: { ...finding, cause, declaredIn, source: sourceOf(cause) || (finding.place ?? '') },
      };
    });
  });
  return mergedBy(rows, (row) => {
    const { alreadyLive, blocking, fix, fixedIn, remedy, severity, source, suppressed } = row;
    return [findingKeyOfAnyPlatform(row), severity, fix, fixedIn, blocking, suppressed, alreadyLive, remedy, source];
  });
}

export function packageRows({ platforms }: HtmlReport, facts: SummaryFacts | undefined): readonly PackageRow[] {
  const rows = platforms.flatMap((one) => {
    const causes = facts?.platforms?.find(({ platform }) => platform === one.platform)?.causes;
    return one.packages.map((own) => {
      const source = causes ? sourceOf(causeOf({ package: own }, causes)) : '';
      return { platform: one.platform, value: { ...own, source } };
    });
  });
  const merged = mergedBy(rows, ({ name, version, type, source, licenses }) => [name, version, type, source, licenses]);
  return merged.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function stateOf({ alreadyLive, blocking, suppressed }: ReportedFinding): State {
  if (suppressed !== undefined) return 'suppressed';
  return blocking ? 'fails' : alreadyLive === undefined ? 'reported' : 'warns';
}

export function fixabilityOf(finding: ReportedFinding): Fixability {
  if (hasFix(finding)) return 'yes';
  return finding.fix === 'wont-fix' ? 'wont' : 'no';
}

function mergedBy<T extends object>(
  rows: readonly { readonly platform: string; readonly value: T }[],
  keyOf: (value: T) => unknown,
): readonly (T & { readonly platforms: readonly string[] })[] {
  const groups = new Map<string, { readonly value: T; readonly platforms: Set<string> }>();
  for (const { platform, value } of rows) {
    const key = JSON.stringify(keyOf(value));
    const known = groups.get(key);
    if (known) known.platforms.add(platform);
    else groups.set(key, { value, platforms: new Set([platform]) });
  }
  return [...groups.values()].map(({ platforms, value }) => ({ ...value, platforms: [...platforms] }));
}

/** Empty if it is not known. */
function sourceOf(cause: Cause | undefined): string {
  if (!cause) return '';
  const { file, layer, origin } = cause;
  return origin.line === undefined ? `Layer ${layer + 1}` : `${file}:${origin.line}`;
}
