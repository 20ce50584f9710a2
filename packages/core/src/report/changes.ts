import type { Component } from '../evidence.ts';
import type { Finding } from '../finding.ts';
import { worstFirst } from '../gate/findings.ts';
import type { Digest } from '../image/digest.ts';
import { escapeMarkdown, folded, inlineCode, table } from '../text/markdown.ts';
import { formatBytes } from '../text/terminal.ts';
import { clipped, counted } from '../text/wording.ts';
import { shortKeys } from './merged.ts';

/** The known data of one platform of an image, to compare with another. */
export interface ImageState {
  readonly components: readonly Component[];
  /** Undefined if it was never scanned, or the scan is not available. */
  readonly findings?: readonly Finding[] | undefined;
  /** Compressed bytes of layers and config, as in a registry. */
  readonly size?: number | undefined;
}

interface PackageChange {
  readonly name: string;
  readonly type: string;
  /** Old versions; empty for a new package. Sorted. */
  readonly from: readonly string[];
  /** New versions; empty for a removed package. Sorted. */
  readonly to: readonly string[];
}

export interface ImageChanges {
  readonly added: readonly PackageChange[];
  readonly removed: readonly PackageChange[];
  readonly moved: readonly PackageChange[];
  /** Worst first; undefined if one of the two was not scanned. */
  readonly newFindings?: readonly Finding[] | undefined;
  readonly goneFindings?: readonly Finding[] | undefined;
  readonly size?: { readonly from: number; readonly to: number } | undefined;
}

/** A live tag, and the changes on one platform if it moves to this image. */
export interface LiveChanges {
  readonly tag: string;
  readonly digest: Digest;
  readonly platform: string;
  readonly changes: ImageChanges;
}

/** The differences. A package is identified by its kind and name; an additional version counts as a change as well. */
export function changesBetween(before: ImageState, after: ImageState): ImageChanges {
  const short = shortKeys();
  const packages = new Map<string, { readonly name: string; readonly type: string; from: string[]; to: string[] }>();
  const note = (components: readonly Component[], side: 'from' | 'to') => {
    for (const { name, type, version } of components) {
      const key = short(type, name);
      const known = packages.get(key) ?? { name, type, from: [], to: [] };
      if (!known[side].includes(version)) known[side].push(version);
      packages.set(key, known);
    }
  };
  note(before.components, 'from');
  note(after.components, 'to');
  const changed = [...packages.values()]
    .map((each) => ({ ...each, from: each.from.toSorted(), to: each.to.toSorted() }))
    .filter(({ from, to }) => from.join('\n') !== to.join('\n'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const both = before.findings && after.findings ? { before: before.findings, after: after.findings } : undefined;
  const size =
    before.size !== undefined && after.size !== undefined ? { from: before.size, to: after.size } : undefined;
  return {
    added: changed.filter(({ from }) => from.length === 0),
    removed: changed.filter(({ to }) => to.length === 0),
    moved: changed.filter(({ from, to }) => from.length > 0 && to.length > 0),
    newFindings: both === undefined ? undefined : without(both.after, both.before),
    goneFindings: both === undefined ? undefined : without(both.before, both.after),
    size,
  };
}

/** A vulnerability is the same in another version of its package: one that an upgrade does not fix is not new. */
function without(findings: readonly Finding[], others: readonly Finding[]): readonly Finding[] {
  const short = shortKeys();
  const keyOf = ({ id, package: { name, type } }: Finding) => short(id, type, name);
  const known = new Set(others.map(keyOf));
  return worstFirst(findings.filter((finding) => !known.has(keyOf(finding))));
}

const MOST_ROWS = 30;
const MOST_NAMED = 3;

/**
 * The difference from the live image in one line: `Compared with the live tag main: 3 findings fixed, 1 new (CVE-2026-0001), 2
 * packages changed, 2.1 MiB larger.` A finding counts once, on however many platforms it is.
 */
export function comparisonLine(live: readonly LiveChanges[]): string {
  const [first] = live;
  if (!first) return '';
  const changes = live.map((one) => one.changes);
  const packages = distinct(
    changes.flatMap(({ added, removed, moved }) => [...added, ...removed, ...moved]),
    ({ name, type }) => [type, name],
  ).length;
  const parts = [
    findingsText(changes),
    packages === 0 ? 'no package changed' : `${counted(packages, 'package')} changed`,
    first.changes.size ? `${sizeChange(first.changes.size)}${live.length > 1 ? ` on ${first.platform}` : ''}` : '',
  ].filter((part) => part !== '');
  return `Compared with the live tag ${inlineCode(clipped(first.tag))}: ${parts.join(', ')}.`;
}

/** `3 findings fixed, 1 new (CVE-2026-0001)`, over all platforms. */
export function findingsText(
  changes: readonly Pick<ImageChanges, 'newFindings' | 'goneFindings'>[],
  gone: string = 'fixed',
): string {
  if (changes.some(({ newFindings, goneFindings }) => !newFindings || !goneFindings)) {
    return 'findings unknown because one of the two was not scanned';
  }
  const keyOf = ({ id, package: { name, type } }: Finding) => [id, type, name];
  const added = distinct(worstFirst(changes.flatMap(({ newFindings = [] }) => newFindings)), keyOf);
  const removed = distinct(
    changes.flatMap(({ goneFindings = [] }) => goneFindings),
    keyOf,
  );
  if (added.length + removed.length === 0) return 'the same findings';
  const some = added.slice(0, MOST_NAMED).map(({ id }) => escapeMarkdown(clipped(id)));
  const more = added.length > some.length ? `, +${added.length - some.length}` : '';
  const named = added.length > 0 ? ` (${some.join(', ')}${more})` : '';
  return `${counted(removed.length, 'finding')} ${gone}, ${added.length} new${named}`;
}

function distinct<T>(list: readonly T[], keyOf: (one: T) => readonly string[]): readonly T[] {
  const short = shortKeys();
  return [...new Map(list.map((one) => [short(...keyOf(one)), one] as const)).values()];
}

function sizeChange({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? 'same size' : `${formatBytes(Math.abs(to - from))} ${to > from ? 'larger' : 'smaller'}`;
}

/** The changed packages and findings of each platform, folded. Every text from outside is escaped here. */
export function changesSection(live: readonly LiveChanges[]): string {
  const shown = live.flatMap(({ changes, digest, platform, tag }) => {
    const { added, moved, newFindings = [], goneFindings = [], removed } = changes;
    const packages = [...moved, ...added, ...removed].map(({ name, type, from, to }) => [
      inlineCode(clipped(name)),
      escapeMarkdown(clipped(type)),
      escapeMarkdown(clipped(from.join(', '))),
      escapeMarkdown(clipped(to.join(', '))),
    ]);
    const findings = [
      ...newFindings.map((one) => ['new', one] as const),
      ...goneFindings.map((one) => ['gone', one] as const),
    ];
    if (packages.length + findings.length === 0) return [];
    const parts = [
      ...(findings.length > 0
        ? [limited(['Change', 'Severity', 'Advisory', 'Package'], findings.map(findingRow), 'findings')]
        : []),
      ...(packages.length > 0 ? [limited(['Package', 'Kind', 'Live', 'This image'], packages, 'packages')] : []),
      `<sub>The live image is ${inlineCode(digest)}. Its evidence was read without verifying signatures.</sub>`,
    ];
    return [folded(`Changes from ${inlineCode(clipped(tag))} on ${inlineCode(platform)}`, parts.join('\n\n'))];
  });
  return shown.join('\n\n');
}

function findingRow([
  change,
  {
    id,
    package: { name },
    severity,
  },
]: readonly [string, Finding]): readonly string[] {
  return [change, severity, escapeMarkdown(clipped(id)), inlineCode(clipped(name))];
}

function limited(headers: readonly string[], rows: readonly (readonly string[])[], what: string): string {
  const more = rows.length > MOST_ROWS ? `\n\n${rows.length - MOST_ROWS} more ${what} are not shown.` : '';
  return `${table(headers, rows.slice(0, MOST_ROWS))}${more}`;
}
