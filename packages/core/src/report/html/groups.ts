import type { Severity } from '../../severity.ts';
import { fixText } from '../findings-table.ts';
import { type FindingRow, type Fixability, fixabilityOf, type State, stateOf } from './rows.ts';

/** Findings that one change fixes. */
export interface FixGroup {
  /** The change: `Upgrade openssl to 3.0.12`. */
  readonly title: string;
  /** Where to make it: `Dockerfile:3`. */
  readonly where: string;
  readonly state: State;
  readonly worst: Severity;
  readonly fixable: Fixability;
  /** As in `findingRows`: worst first. */
  readonly rows: readonly FindingRow[];
}

/** @param rows those that fail the gate first, worst first */
export function fixGroups(rows: readonly FindingRow[]): readonly FixGroup[] {
  const groups = new Map<string, FindingRow[]>();
  for (const row of rows) {
    const { name, type, version } = row.package;
    const key = JSON.stringify([type, name, version, fixabilityOf(row), row.source]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].map(groupOf);
}

function groupOf(rows: readonly FindingRow[]): FixGroup {
  const [first] = rows as readonly [FindingRow, ...FindingRow[]];
  return {
    title: titleOf(first),
    where: first.source,
    state: stateOf(first),
    worst: first.severity,
    fixable: fixabilityOf(first),
    rows,
  };
}

function titleOf(row: FindingRow): string {
  const { name, version } = row.package;
  const fixed = fixText(row);
  if (fixabilityOf(row) === 'yes' && row.fixedIn.length > 0) return `Upgrade ${name} ${version} to ${fixed}`;
  return `${name} ${version}: ${fixed === '' ? 'no fix known' : fixed}`;
}
