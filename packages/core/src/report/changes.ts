import type { Component, Finding } from '../evidence.ts';
import { worstFirst } from '../gate/findings.ts';
import type { Digest } from '../image/digest.ts';
import { escapeMarkdown, inlineCode, table } from '../text/markdown.ts';
import { formatBytes } from '../text/terminal.ts';
import { clipped } from '../text/wording.ts';
import { countsText } from './findings-table.ts';
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

/** The changes that moving the tag makes, in the job summary. Every text from outside is escaped here. */
export function changesSection(live: readonly LiveChanges[]): string {
  return live
    .map(({ changes, digest, platform, tag }) => {
      const heading = `### Changes from the live ${inlineCode(tag)}, on ${inlineCode(platform)}`;
      const lines = [
        `Packages: ${changes.added.length} added, ${changes.removed.length} removed, ${changes.moved.length} changed.`,
        findingsLine(changes),
        changes.size ? `Size: ${sizeText(changes.size)}.` : '',
        `<sub>The live image is ${inlineCode(digest)}. Its evidence was read without verifying signatures.</sub>`,
      ].filter((line) => line !== '');
      const rows = [...changes.moved, ...changes.added, ...changes.removed].map(({ name, type, from, to }) => [
        inlineCode(clipped(name)),
        escapeMarkdown(clipped(type)),
        escapeMarkdown(clipped(from.join(', '))),
        escapeMarkdown(clipped(to.join(', '))),
      ]);
      const shown = table(['Package', 'Kind', 'Live', 'This image'], rows.slice(0, MOST_ROWS));
      const more = rows.length > MOST_ROWS ? `\n\n${rows.length - MOST_ROWS} more packages are not shown.` : '';
      const details =
        rows.length === 0 ? '' : `<details><summary>Changed packages</summary>\n\n${shown}${more}\n\n</details>`;
      return [heading, lines.join('\n\n'), details].filter((part) => part !== '').join('\n\n');
    })
    .join('\n\n');
}

export function findingsLine({
  newFindings,
  goneFindings,
}: Pick<ImageChanges, 'newFindings' | 'goneFindings'>): string {
  if (!newFindings || !goneFindings) return 'Findings: unknown, because one of the two was not scanned.';
  const some = (findings: readonly Finding[], word: string): string =>
    findings.length === 0
      ? `none ${word}`
      : `${findings.length} ${word} (${countsText(findings)}): ${findings
          .slice(0, 5)
          .map(({ id }) => escapeMarkdown(clipped(id)))
          .join(', ')}${findings.length > 5 ? ', …' : ''}`;
  return `Findings: ${some(newFindings, 'new')}; ${some(goneFindings, 'gone')}.`;
}

function sizeText({ from, to }: { readonly from: number; readonly to: number }): string {
  const change = to - from;
  if (change === 0) return `${formatBytes(to)}, unchanged`;
  return `${formatBytes(to)}, ${formatBytes(Math.abs(change))} ${change > 0 ? 'more' : 'less'}`;
}
