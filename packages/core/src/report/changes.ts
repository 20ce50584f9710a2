import type { Component, Finding } from '../evidence.ts';
import { worstFirst } from '../gate/findings.ts';
import type { Digest } from '../image/digest.ts';
import { escapeMarkdown, inlineCode, table } from '../text/markdown.ts';
import { formatBytes } from '../text/terminal.ts';
import { clipped } from '../text/wording.ts';
import { countsText } from './findings-table.ts';
import { shortKeys } from './merged.ts';

/** What is known of one platform of an image, to hold against another. */
export interface ImageState {
  readonly components: readonly Component[];
  /** Undefined where it was never scanned, or the scan is not at hand. */
  readonly findings?: readonly Finding[];
  /** Bytes of layers and config as a registry holds them. */
  readonly size?: number;
}

interface PackageChange {
  readonly name: string;
  readonly type: string;
  /** Versions before; empty for a package that is new. Sorted. */
  readonly from: readonly string[];
  /** Versions now; empty for a package that is gone. Sorted. */
  readonly to: readonly string[];
}

export interface ImageChanges {
  readonly added: readonly PackageChange[];
  readonly removed: readonly PackageChange[];
  readonly moved: readonly PackageChange[];
  /** Worst first; undefined where one of the two was not scanned. */
  readonly newFindings?: readonly Finding[];
  readonly goneFindings?: readonly Finding[];
  readonly size?: { readonly from: number; readonly to: number };
}

/** A tag that is live, and what moving it to the image at hand changes on one platform. */
export interface LiveChanges {
  readonly tag: string;
  readonly digest: Digest;
  readonly platform: string;
  readonly changes: ImageChanges;
}

/** What is different. A package is told by its kind and name; a version that comes beside another is a move as well. */
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
    ...(both ? { newFindings: without(both.after, both.before), goneFindings: without(both.before, both.after) } : {}),
    ...(size ? { size } : {}),
  };
}

/** A hole is the same in another version of its package: what an upgrade does not close is not new. */
function without(findings: readonly Finding[], others: readonly Finding[]): readonly Finding[] {
  const short = shortKeys();
  const keyOf = ({ id, package: { name, type } }: Finding) => short(id, type, name);
  const known = new Set(others.map(keyOf));
  return worstFirst(findings.filter((finding) => !known.has(keyOf(finding))));
}

const MOST_ROWS = 30;

/** The part of the job summary that says what moving the tag changes. Every text from outside is escaped here. */
export function changesSection(live: readonly LiveChanges[]): string {
  return live
    .map(({ changes, digest, platform, tag }) => {
      const heading = `### Against ${inlineCode(tag)} as it is now, on ${inlineCode(platform)}`;
      const lines = [
        `Packages: ${changes.added.length} new, ${changes.removed.length} gone, ${changes.moved.length} in another version.`,
        findingsLine(changes),
        changes.size ? `Size: ${sizeText(changes.size)}.` : '',
        `<sub>Live is ${inlineCode(digest)}. What it says of itself was read without checking who signed it.</sub>`,
      ].filter((line) => line !== '');
      const rows = [...changes.moved, ...changes.added, ...changes.removed].map(({ name, type, from, to }) => [
        inlineCode(clipped(name)),
        escapeMarkdown(clipped(type)),
        escapeMarkdown(clipped(from.join(', '))),
        escapeMarkdown(clipped(to.join(', '))),
      ]);
      const shown = table(['Package', 'Kind', 'Live', 'This image'], rows.slice(0, MOST_ROWS));
      const more = rows.length > MOST_ROWS ? `\n\nand ${rows.length - MOST_ROWS} more.` : '';
      const details =
        rows.length === 0 ? '' : `<details><summary>Packages that changed</summary>\n\n${shown}${more}\n\n</details>`;
      return [heading, lines.join('\n\n'), details].filter((part) => part !== '').join('\n\n');
    })
    .join('\n\n');
}

export function findingsLine({
  newFindings,
  goneFindings,
}: Pick<ImageChanges, 'newFindings' | 'goneFindings'>): string {
  if (!newFindings || !goneFindings) return 'Findings: not known of one of the two.';
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
  if (change === 0) return `${formatBytes(to)}, as before`;
  return `${formatBytes(to)}, ${formatBytes(Math.abs(change))} ${change > 0 ? 'more' : 'less'}`;
}
