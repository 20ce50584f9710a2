import { escapeMarkdown, folded, inlineCode, link, table } from '../../text/markdown.ts';
import { clipped, counted } from '../../text/wording.ts';
import { countsText, fixText } from '../findings-table.ts';
import { placeToChange } from '../fixes.ts';
import type { MergedFinding } from '../merged.ts';
import type { PlatformSummary, SummaryFacts } from './facts.ts';
import type { JudgedFindings } from './judged.ts';

const MOST_FINDINGS = 50;
const LONGEST_REASON = 400;
const LONGEST_TITLE = 120;

/** Every finding, folded. Advisories, package names and paths are escaped here. */
export function findingsSection(facts: SummaryFacts, { all, blocking, warned }: JudgedFindings): string {
  const { platforms = [] } = facts;
  const scanners = scannersText(platforms);
  if (scanners === '') return '';
  if (all.length === 0) return folded('Findings: none', scanners);
  const shown = all.slice(0, MOST_FINDINGS);
  const several = platforms.length > 1;
  const rows = shown.map((finding) => [
    severityText(finding, blocking.has(finding), warned.has(finding)),
    finding.cvss ? String(finding.cvss.score) : '',
    advisoryText(finding),
    packageText(finding),
    escapeMarkdown(clipped(finding.package.version)),
    escapeMarkdown(clipped(fixText(finding))),
    whereText(finding),
    ...(several ? [platformsText(finding, platforms.length)] : []),
  ]);
  const headers = [
    'Severity',
    'CVSS',
    'Advisory',
    'Package',
    'Version',
    'Fixed in',
    'Where',
    ...(several ? ['Platforms'] : []),
  ];
  const parts = [table(headers, rows)];
  const rest = all.slice(MOST_FINDINGS);
  if (rest.length > 0) parts.push(`${counted(rest.length, 'more finding')} not shown: ${countsText(rest)}.`);
  const legend = [
    ...(shown.some((finding) => blocking.has(finding)) ? ['⛔ fails the gate'] : []),
    ...(shown.some((finding) => warned.has(finding))
      ? ['⚠️ would fail the gate if the live image did not have it']
      : []),
    ...(shown.some(({ suppressedBy }) => suppressedBy) ? ['🔇 is suppressed'] : []),
  ];
  if (legend.length > 0) parts.push(`${legend.join(' · ')}.`);
  const suppressed = shown.filter(({ suppressedBy }) => suppressedBy !== undefined);
  if (suppressed.length > 0) parts.push(suppressed.map(suppressedLine).join('\n'));
  parts.push(scanners);
  return folded(`Findings: ${all.length} (${countsText(all)})`, parts.join('\n\n'));
}

function severityText({ severity, suppressedBy }: MergedFinding, blocks: boolean, warns: boolean): string {
  if (warns) return `${severity} ⚠️`;
  return blocks ? `**${severity}** ⛔` : suppressedBy ? `${severity} 🔇` : severity;
}

/** The name, and the ecosystem: several have a package of the same name. */
function packageText({ package: { name, type } }: MergedFinding): string {
  return `${inlineCode(clipped(name))} ${escapeMarkdown(clipped(type))}`;
}

/** The linked id, and the title. */
function advisoryText({ id, title, url }: MergedFinding): string {
  const name = url ? link(clipped(id), url) : escapeMarkdown(clipped(id));
  return title ? `${name} ${escapeMarkdown(clipped(title, LONGEST_TITLE))}` : name;
}

/** The line to change, if known, and its path in the image. */
function whereText({ cause, declaredIn, locations }: MergedFinding): string {
  const place = placeToChange({ cause, declaredIn });
  const path = clipped(locations[0] ?? '');
  const parts = [place ? `${clipped(place.file)}:${place.line}` : '', path].filter((part) => part !== '');
  return parts.map((part) => inlineCode(part)).join(' ');
}

function platformsText({ platforms }: MergedFinding, all: number): string {
  return platforms.length === all ? 'all' : escapeMarkdown(platforms.join(', '));
}

/** The source and reason of a suppression: suppressed findings are as visible as others. */
function suppressedLine({ id, package: { name }, suppressedBy }: MergedFinding): string {
  const from = escapeMarkdown(clipped(suppressedBy?.from ?? ''));
  const reason = escapeMarkdown(clipped(suppressedBy?.reason ?? '', LONGEST_REASON));
  return `- ${escapeMarkdown(clipped(id))} in ${inlineCode(clipped(name))}: ${reason} (${from})`;
}

/** The scanner and the date of its database; empty without a scan. */
function scannersText(platforms: readonly PlatformSummary[]): string {
  const scanners = new Set(
    platforms.flatMap(({ scan }) =>
      scan ? [`${scan.scanner.name} ${scan.scanner.version}, database of ${day(scan.database.built)}`] : [],
    ),
  );
  return scanners.size === 0 ? '' : `<sub>${[...scanners].map(escapeMarkdown).join(' · ')}</sub>`;
}

function day(date: Date): string {
  return Number.isFinite(date.getTime()) ? date.toISOString().slice(0, 10) : 'an unknown date';
}
