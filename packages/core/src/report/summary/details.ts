/** Sections that a reader opens only when looking for them: rules, platforms, tags, transfer. Each is folded. */
import type { Verdict } from '../../policy.ts';
import { ALL_SEVERITIES, countSeverities } from '../../severity.ts';
import { escapeMarkdown, folded, inlineCode, table } from '../../text/markdown.ts';
import { formatBytes, formatDuration } from '../../text/terminal.ts';
import { clipped, counted } from '../../text/wording.ts';
import { NEXT_STEP } from '../next-step.ts';
import type { DestinationSummary, SummaryFacts, TransferSummary } from './facts.ts';
import { failures } from './headline.ts';

const LONGEST_REASON = 400;

export function rulesSection(verdict: Verdict | undefined): string {
  if (!verdict) return '';
  const mark = { pass: '✅', fail: '❌', 'not-applicable': '➖' };
  const rows = verdict.rules.map(({ rule, outcome, why }) => [
    `${mark[outcome]} ${rule}`,
    `${escapeMarkdown(clipped(why, LONGEST_REASON))}${outcome === 'fail' ? ` → ${escapeMarkdown(NEXT_STEP[rule])}` : ''}`,
  ]);
  const passed = verdict.rules.filter(({ outcome }) => outcome === 'pass').length;
  const failed = new Set(failures(verdict).map(({ rule }) => rule)).size;
  return folded(`Gate: ${counted(passed, 'rule')} passed, ${failed} failed`, table(['Rule', 'Why'], rows));
}

/** Cached steps say whether a cache works. How long they would have taken is not known, so no time is shown. */
export function buildLine({ build }: Pick<SummaryFacts, 'build'>): string {
  if (!build || build.steps === 0) return '';
  return `Build: cached ${build.cached} of ${counted(build.steps, 'step')}.`;
}

/** Readers of the gate's rules have to know that the layers were not read now. */
export function reusedLine({ reusedFrom }: Pick<SummaryFacts, 'reusedFrom'>): string {
  if (!reusedFrom) return '';
  return `Same image as before: its SBOMs and the verdict on its layers are those of ${reusedFrom.toISOString().slice(0, 10)}. Only the scan is new.`;
}

export function platformsSection({ platforms = [] }: SummaryFacts): string {
  if (platforms.length === 0) return '';
  const known = (value: number | undefined, show: (value: number) => string = String) =>
    value === undefined ? '' : show(value);
  const scanned = platforms.some(({ scan }) => scan);
  const headers = ['Platform', ...(scanned ? ALL_SEVERITIES : []), 'Packages', 'Size', 'Layers'];
  const rows = platforms.map(({ platform, scan, packages, size, layers }) => {
    const counts = scan && countSeverities(scan.findings.map(({ severity }) => severity));
    const bySeverity = ALL_SEVERITIES.map((severity) => (counts ? String(counts[severity]) : 'not scanned'));
    return [
      inlineCode(platform),
      ...(scanned ? bySeverity : []),
      known(packages),
      known(size, formatBytes),
      known(layers),
    ];
  });
  return folded(`Platforms: ${platforms.length}`, table(headers, rows));
}

/** Every tag, set or not, with its reason, and the transfer, of each destination. */
export function tagsSection(facts: SummaryFacts): string {
  const { others = [], publication, rescan, tags = [], transfer } = facts;
  if (rescan || (tags.length === 0 && !transfer)) return '';
  const parts = [
    ...tagsOf(facts),
    ...others.flatMap((one) => [`Tags and transfer to ${inlineCode(clipped(one.name))}:`, ...tagsOf(one)]),
  ];
  return folded(publication?.published === false ? 'Planned tags' : 'Tags and transfer', parts.join('\n\n'));
}

function tagsOf({ tags = [], transfer }: DestinationSummary): readonly string[] {
  const parts: string[] = [];
  if (tags.length > 0) {
    const rows = tags.map(({ tag, outcome, from, reason }) => [
      inlineCode(clipped(tag)),
      `${outcome}${from && outcome === 'moved' ? ` from ${inlineCode(from.slice(0, 19))}` : ''}`,
      escapeMarkdown(clipped(reason ?? '')),
    ]);
    parts.push(table(['Tag', 'Result', 'Why'], rows));
  }
  if (transfer) parts.push(transferText(transfer));
  return parts;
}

function transferText(transfer: TransferSummary): string {
  const { sent, bytes, milliseconds, bytesPerSecond, resumed, mounted, skipped } = transfer;
  const rate = bytesPerSecond === undefined ? '' : `, ${formatBytes(bytesPerSecond)}/s`;
  const moved = sent > 0 ? ` (${formatBytes(bytes)} in ${formatDuration(milliseconds)}${rate})` : '';
  const cut = resumed > 0 ? `, ${resumed} of them resumed after an interruption` : '';
  return `Blobs: ${sent} uploaded${moved}${cut}, ${mounted} mounted, ${skipped} already present.`;
}
