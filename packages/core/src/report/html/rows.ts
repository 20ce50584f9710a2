import { packageKey } from '../../cause/cause.ts';
import type { Component } from '../../evidence.ts';
import { hasFix } from '../../gate/fix.ts';
import { findingKeyOfAnyPlatform } from '../../gate/merge-findings.ts';
import { ALL_SEVERITIES } from '../../severity.ts';
import type { SummaryFacts } from '../summary.ts';
import type { HtmlReport, ReportedFinding } from './page.ts';

export const STATES = ['fails', 'warns', 'reported', 'suppressed'] as const;
/** `warns`: it would fail the gate, but the live image has it too. */
export type State = (typeof STATES)[number];

export const FIXABILITY = ['yes', 'no', 'wont'] as const;
export type Fixability = (typeof FIXABILITY)[number];

/** A finding with every platform that has it in the same way. */
export interface FindingRow extends ReportedFinding {
  readonly platforms: readonly string[];
  /** `Dockerfile:3`, or `Layer 2` if no line is known. */
  readonly source: string;
}

export interface PackageRow extends Component {
  readonly platforms: readonly string[];
  readonly source: string;
}

/** Most rows are the same on every platform, so each is shown once. Those that fail the gate first, then worst first. */
export function findingRows({ platforms }: HtmlReport, facts: SummaryFacts | undefined): readonly FindingRow[] {
  const rows = platforms.flatMap((one) => {
    const layerOf = layers(facts, one.platform);
    return one.findings.map((finding) => ({
      ...{ platform: one.platform, value: finding, source: finding.place ?? layerOf(finding.package) },
    }));
  });
  const merged = mergedBy(rows, ({ value, source }) => {
    const { severity, fixedIn, fix, blocking, suppressed, alreadyLive, remedy } = value;
    return [findingKeyOfAnyPlatform(value), severity, fix, fixedIn, blocking, suppressed, alreadyLive, remedy, source];
  });
  return merged.toSorted((a, b) => rank(a) - rank(b));
}

export function packageRows({ platforms }: HtmlReport, facts: SummaryFacts | undefined): readonly PackageRow[] {
  const rows = platforms.flatMap((one) => {
    const layerOf = layers(facts, one.platform);
    return one.packages.map((value) => ({ platform: one.platform, value, source: layerOf(value) }));
  });
  const merged = mergedBy(rows, ({ value: { name, version, type, licenses }, source }) => [
    ...[name, version, type, source],
    licenses,
  ]);
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

function rank(row: FindingRow): number {
  return STATES.indexOf(stateOf(row)) * 10 + ALL_SEVERITIES.indexOf(row.severity);
}

interface Placed<T> {
  readonly platform: string;
  readonly source: string;
  readonly value: T;
}

function mergedBy<T>(rows: readonly Placed<T>[], keyOf: (row: Placed<T>) => unknown) {
  const groups = new Map<string, { readonly row: Placed<T>; readonly platforms: Set<string> }>();
  for (const row of rows) {
    const key = JSON.stringify(keyOf(row));
    const known = groups.get(key);
    if (known) known.platforms.add(row.platform);
    else groups.set(key, { row, platforms: new Set([row.platform]) });
  }
  return [...groups.values()].map(({ row, platforms }) => ({
    ...{ ...row.value, source: row.source, platforms: [...platforms] },
  }));
}

type Package = Parameters<typeof packageKey>[0];

/** The layer that added a package: its line in the Dockerfile if that is known. Empty if the layer is unknown. */
function layers(facts: SummaryFacts | undefined, platform: string): (of: Package) => string {
  const causes = facts?.platforms?.find((one) => one.platform === platform)?.causes;
  if (!causes) return () => '';
  const { file, layers: origins } = causes.origin;
  return (of) => {
    const diffId = causes.packages.get(packageKey(of));
    const at = diffId === undefined ? -1 : causes.diffIds.indexOf(diffId);
    if (at < 0) return '';
    const line = origins[at]?.line;
    return line === undefined ? `Layer ${at + 1}` : `${file}:${line}`;
  };
}
