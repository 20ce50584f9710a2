import { type CauseMap, placeOf } from '../cause/cause.ts';
import type { BaselineEvidence, Finding, ScanEvidence } from '../evidence.ts';
import { baselinesOf, compared } from '../gate/baseline.ts';
import { blockingFindings } from '../gate/findings.ts';
import { type SuppressedFinding, suppress } from '../gate/suppressed.ts';
import type { Digest } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import type { Policy, RuleResult, Verdict } from '../policy.ts';
import { ALL_SEVERITIES, countSeverities } from '../severity.ts';
import { codeBlock, escapeMarkdown, inlineCode, link, table } from '../text/markdown.ts';
import { formatBytes, formatDuration } from '../text/terminal.ts';
import { clipped, counted } from '../text/wording.ts';
import { adviceSection } from './advice.ts';
import { changesSection, type LiveChanges } from './changes.ts';
import { contentsSection, type PlatformLayers } from './contents.ts';
import { countsText, fixText } from './findings-table.ts';
import { type MergedFinding, mergeFindings } from './merged.ts';
import { type RescanFacts, rescanSection } from './rescan.ts';

interface PlatformSummary extends PlatformLayers {
  readonly scan?: ScanEvidence | undefined;
  readonly causes?: CauseMap | undefined;
  /** Number of packages in its SBOM. */
  readonly packages?: number | undefined;
  /** Compressed bytes of its layers and config, as in a registry. */
  readonly size?: number | undefined;
  readonly layers?: number;
}

interface TagSummary {
  readonly tag: string;
  /** `planned`: it would be set if this were published. `kept`: this image does not get it. */
  readonly outcome: 'set' | 'moved' | 'unchanged' | 'failed' | 'planned' | 'kept';
  /** Its previous digest. */
  readonly from?: Digest;
  /** Why it is among the tags or not, or why it failed. */
  readonly reason?: string;
}

/** Transfer of layers and configs to the registry: counts, each digest once. */
interface TransferSummary {
  readonly sent: number;
  readonly mounted: number;
  /** Already in the registry. */
  readonly skipped: number;
  /** Uploads among the sent ones that were interrupted and resumed. */
  readonly resumed: number;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly bytesPerSecond?: number;
}

/** The results at the end of a run, successful or not; absent results are not mentioned. */
export interface SummaryFacts {
  /** `registry/repository`, or the display name of an image that is not published. */
  readonly name: string;
  readonly image?: Image;
  readonly verdict?: Verdict;
  /** The policy of the verdict: separates the findings that fail the gate from the others. */
  readonly policy?: Policy;
  readonly platforms?: readonly PlatformSummary[];
  /** The baselines that the platforms were compared with. */
  readonly baselines?: readonly BaselineEvidence[];
  /** Whether it was pushed, and the reason in one sentence (Plan.why). */
  readonly publication?: { readonly published: boolean; readonly why: string };
  readonly tags?: readonly TagSummary[];
  readonly transfer?: TransferSummary;
  /** The image was published before, and this is a rescan of it. */
  readonly rescan?: RescanFacts;
  /** Compared with the tag that is live now. */
  readonly changes?: readonly LiveChanges[];
  /** Full references that can be pulled, the one by digest first. */
  readonly references?: readonly string[];
  /** Shell lines that verify the published image. */
  readonly verifyCommands?: readonly string[];
}

const MOST_FINDINGS = 50;
const MOST_FAILURES = 20;
const LONGEST_REASON = 400;

/** The job summary. Every text from outside is escaped here: package names, advisories, refs, paths. */
export function summaryMarkdown(facts: SummaryFacts): string {
  const { suppressed, live } = passedIn(facts);
  const findings = mergeFindings(facts.platforms ?? [], suppressed, live);
  const counting = findings.filter(({ suppressedBy }) => suppressedBy === undefined);
  const sections = [
    headline(facts),
    adviceSection(facts, counting),
    findingsSection(facts, findings),
    platformsSection(facts),
    // Without a verdict there is no time to compare an allowance's expiry with: then none applies.
    contentsSection(facts.platforms ?? [], facts.policy, facts.verdict?.decidedOn ?? new Date(Number.NaN)),
    changesSection(facts.changes ?? []),
    facts.rescan ? rescanSection(facts.rescan) : '',
    publishedSection(facts),
    verifySection(facts),
    rulesSection(facts.verdict),
    footer(facts),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function headline({ name, image, verdict, publication, rescan }: SummaryFacts): string {
  const what = escapeMarkdown(name);
  const failed = failures(verdict);
  const lines = [];
  if (verdict && !verdict.passed) {
    lines.push(`## ❌ ${what}: ${rescan ? 'published, but no longer passes' : 'gate failed'}`);
    lines.push(rescan ? 'Its tags were not changed:' : 'No tag was set:');
    const shown = failed
      .slice(0, MOST_FAILURES)
      .map(({ rule, why }) => `- **${rule}**: ${escapeMarkdown(clipped(why, LONGEST_REASON))}`);
    if (failed.length > MOST_FAILURES) shown.push(`- ${failed.length - MOST_FAILURES} more failures are listed below`);
    lines.push(shown.join('\n'));
  } else if (verdict) {
    const state = rescan ? 'published, and still passes' : publication?.published ? 'published' : 'gate passed';
    lines.push(`## ✅ ${what}: ${state}`);
  } else {
    lines.push(`## ${what}`);
  }
  if (publication && (!verdict || verdict.passed)) lines.push(escapeMarkdown(clipped(publication.why, LONGEST_REASON)));
  if (rescan && rescan.attached > 0) lines.push(attachedText(rescan.attached, verdict));
  if (image) lines.push(`Digest ${inlineCode(image.root.digest)}`);
  return lines.join('\n\n');
}

function attachedText(attached: number, verdict: Verdict | undefined): string {
  const gained = `${counted(attached, 'evidence item')} ${attached === 1 ? 'was' : 'were'} attached to the image.`;
  return verdict?.passed ? gained : `${gained} From now on, verification of the image fails.`;
}

function failures(verdict: Verdict | undefined): readonly RuleResult[] {
  return verdict?.rules.filter(({ outcome }) => outcome === 'fail') ?? [];
}

function findingsSection(
  { baselines = [], platforms = [], policy, verdict }: SummaryFacts,
  findings: readonly MergedFinding[],
): string {
  if (!platforms.some(({ scan }) => scan)) return '';
  if (findings.length === 0) return '### Findings\n\nNone: the scanner found no known vulnerability in this image.';
  const several = platforms.length > 1;
  const counting = findings.filter(({ suppressedBy }) => suppressedBy === undefined);
  const blockers = (isLive: boolean) => {
    const some = counting.filter(({ alreadyLive = false }) => alreadyLive === isLive);
    return new Set(policy ? blockingFindings(policy, some, verdict?.decidedOn ?? new Date(Number.NaN)) : []);
  };
  const [blocking, warned] = [blockers(false), blockers(true)];
  const shown = findings.slice(0, MOST_FINDINGS);
  const rows = shown.map((finding) => [
    severityText(finding, blocking.has(finding), warned.has(finding)),
    finding.url ? link(clipped(finding.id), finding.url) : escapeMarkdown(clipped(finding.id)),
    inlineCode(clipped(finding.package.name)),
    escapeMarkdown(clipped(finding.package.version)),
    escapeMarkdown(clipped(fixText(finding))),
    whereText(finding),
    ...(several
      ? [finding.platforms.length === platforms.length ? 'all' : escapeMarkdown(finding.platforms.join(', '))]
      : []),
  ]);
  const headers = [
    'Severity',
    'Advisory',
    'Package',
    'Version',
    'Fixed in',
    'Where',
    ...(several ? ['Platforms'] : []),
  ];
  const parts = ['### Findings', table(headers, rows)];
  const rest = findings.slice(MOST_FINDINGS);
  if (rest.length > 0) parts.push(`${counted(rest.length, 'more finding')} not shown: ${countsText(rest)}.`);
  if (shown.some((finding) => blocking.has(finding))) parts.push('⛔ fails the gate.');
  if (shown.some((finding) => warned.has(finding))) {
    parts.push(`⚠️ would fail the gate, but ${liveName(baselines)} already has it.`);
  }
  const suppressed = shown.filter(({ suppressedBy }) => suppressedBy !== undefined);
  if (suppressed.length > 0) parts.push(`🔇 is suppressed:\n\n${suppressed.map(suppressedLine).join('\n')}`);
  return parts.join('\n\n');
}

/** The line that introduced it, if known, and its path in the image. */
function whereText({ cause, locations }: MergedFinding): string {
  const place = placeOf(cause);
  const path = clipped(locations[0] ?? '');
  const parts = [place ? `${clipped(place.file)}:${place.line}` : '', path].filter((part) => part !== '');
  return parts.map((part) => inlineCode(part)).join(' ');
}

function liveName(baselines: readonly BaselineEvidence[]): string {
  const [live] = baselines.flatMap((one) => one.live ?? []);
  return live ? inlineCode(clipped(`${live.repository}:${live.tag}`)) : 'the live image';
}

function severityText({ severity, suppressedBy }: MergedFinding, blocks: boolean, warns: boolean): string {
  if (warns) return `${severity} ⚠️`;
  return blocks ? `**${severity}** ⛔` : suppressedBy ? `${severity} 🔇` : severity;
}

/** The source and reason of a suppression: suppressed findings are as visible as others. */
function suppressedLine({ id, package: { name }, suppressedBy }: MergedFinding): string {
  const from = escapeMarkdown(clipped(suppressedBy?.from ?? ''));
  const reason = escapeMarkdown(clipped(suppressedBy?.reason ?? '', LONGEST_REASON));
  return `- ${escapeMarkdown(clipped(id))} in ${inlineCode(clipped(name))}: ${reason} (${from})`;
}

/** Findings that are suppressed, and those that are only warnings. */
function passedIn({ baselines = [], image, policy, platforms = [], verdict }: SummaryFacts) {
  const suppressed = new Map<Finding, SuppressedFinding>();
  const live = new Set<Finding>();
  // As of the time of a verdict: without one nothing was decided, and no finding is suppressed.
  if (!policy || !verdict || !image) return { suppressed, live };
  for (const { scan } of platforms) {
    if (!scan) continue;
    const found = suppress(policy, image, scan.subject, scan.findings, verdict.decidedOn);
    for (const one of found.suppressed) suppressed.set(one.finding, one);
    for (const one of compared(policy, baselinesOf(baselines, scan.subject), found.counted).live) live.add(one);
  }
  return { suppressed, live };
}

function platformsSection({ platforms = [] }: SummaryFacts): string {
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
  return `### Platforms\n\n${table(headers, rows)}`;
}

function publishedSection({ publication, references = [], rescan, tags = [], transfer }: SummaryFacts): string {
  if (rescan || (tags.length === 0 && references.length === 0)) return '';
  const parts = [`### ${publication?.published === false ? 'Planned tags' : 'Tags'}`];
  if (tags.length > 0) {
    const rows = tags.map(({ tag, outcome, from, reason }) => [
      inlineCode(tag),
      `${outcome}${from && outcome === 'moved' ? ` from ${inlineCode(from.slice(0, 19))}` : ''}`,
      escapeMarkdown(clipped(reason ?? '')),
    ]);
    parts.push(table(['Tag', 'Result', 'Why'], rows));
  }
  if (references.length > 0) parts.push(references.map((reference) => `- ${inlineCode(reference)}`).join('\n'));
  if (transfer) parts.push(transferText(transfer));
  return parts.join('\n\n');
}

function transferText(transfer: TransferSummary): string {
  const { sent, bytes, milliseconds, bytesPerSecond, resumed, mounted, skipped } = transfer;
  const rate = bytesPerSecond === undefined ? '' : `, ${formatBytes(bytesPerSecond)}/s`;
  const moved = sent > 0 ? ` (${formatBytes(bytes)} in ${formatDuration(milliseconds)}${rate})` : '';
  const cut = resumed > 0 ? `, ${resumed} of them resumed after an interruption` : '';
  return `Blobs: ${sent} uploaded${moved}${cut}, ${mounted} mounted, ${skipped} already present.`;
}

function verifySection({ verifyCommands = [] }: SummaryFacts): string {
  if (verifyCommands.length === 0) return '';
  return `### Verify it yourself\n\n${codeBlock(verifyCommands.join('\n'), 'sh')}`;
}

function rulesSection(verdict: Verdict | undefined): string {
  if (!verdict) return '';
  const mark = { pass: '✅', fail: '❌', 'not-applicable': '➖' };
  const rows = verdict.rules.map(({ rule, outcome, why }) => [
    `${mark[outcome]} ${rule}`,
    escapeMarkdown(clipped(why, LONGEST_REASON)),
  ]);
  const held = verdict.rules.filter(({ outcome }) => outcome === 'pass').length;
  const failed = new Set(failures(verdict).map(({ rule }) => rule)).size;
  const title = `Gate: ${counted(held, 'rule')} passed, ${failed} failed`;
  return `<details><summary>${title}</summary>\n\n${table(['Rule', 'Why'], rows)}\n\n</details>`;
}

function footer({ platforms = [] }: SummaryFacts): string {
  const scanners = new Set(
    platforms.flatMap(({ scan }) =>
      scan ? [`${scan.scanner.name} ${scan.scanner.version}, database of ${day(scan.database.built)}`] : [],
    ),
  );
  const parts = [...scanners].map(escapeMarkdown);
  return parts.length > 0 ? `<sub>${parts.join(' · ')}</sub>` : '';
}

function day(date: Date): string {
  return Number.isFinite(date.getTime()) ? date.toISOString().slice(0, 10) : 'an unknown date';
}
