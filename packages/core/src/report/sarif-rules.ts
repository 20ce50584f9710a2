import type { Finding } from '../finding.ts';
import { digestOf } from '../image/digest.ts';
import type { Severity } from '../severity.ts';
import { escapeMarkdown, link } from '../text/markdown.ts';
import { capitalised, clipped } from '../text/wording.ts';
import { plain, text, webAddress } from './sarif-text.ts';

/** A finding of the source rules. */
export interface SourceFinding {
  readonly rule: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly file: string;
  readonly line: number;
  readonly endLine?: number | undefined;
  readonly message: string;
  readonly why: string;
  readonly fix: string;
}

export type Level = 'error' | 'warning' | 'note';

export interface SarifRule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
  readonly help?: { readonly text: string; readonly markdown?: string };
  readonly helpUri?: string | undefined;
  readonly defaultConfiguration: { readonly level: Level };
  readonly properties: Readonly<Record<string, unknown>>;
}

export const LEVELS: Readonly<Record<Severity, Level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  negligible: 'note',
  // Severity unknown: not a note, which viewers fold away.
  unknown: 'warning',
};

/**
 * The bands that code scanning sorts by (critical above 9.0, high from 7.0, medium from 4.0, low from 0.1), and the
 * middle of each for findings without a CVSS score. Unknown has none.
 */
const BANDS: Readonly<Partial<Record<Severity, readonly [lowest: number, middle: number, highest: number]>>> = {
  critical: [9.1, 9.5, 10],
  high: [7, 8, 8.9],
  medium: [4, 5.5, 6.9],
  low: [0.1, 2, 3.9],
  negligible: [0.1, 0.1, 3.9],
};

const LONGEST_ID = 200;
const LONGEST_MARKDOWN = 4000;

/**
 * The CVSS score, kept in the band of the finding's severity: the gate decides by that severity, and a distribution may
 * rate its own build lower than the NVD rates the software.
 */
function securitySeverity({ cvss, severity }: Finding): string | undefined {
  const band = BANDS[severity];
  if (!band) return cvss?.score.toFixed(1);
  const [lowest, middle, highest] = band;
  return Math.min(highest, Math.max(lowest, cvss?.score ?? middle)).toFixed(1);
}

/** One id for each advisory: two that are equal in their first characters must not become one rule. */
export function advisoryRuleId(id: string): string {
  if (id.length <= LONGEST_ID) return plain(id, LONGEST_ID);
  const hash = digestOf(new TextEncoder().encode(id)).slice('sha256:'.length).slice(0, 16);
  return `${plain(id, LONGEST_ID - hash.length - 1)} ${hash}`;
}

/** @param remedy a sentence without its full stop */
export function advisoryRule(finding: Finding, remedy: string): SarifRule {
  const { aliases, cvss, id, severity, title, url, package: own } = finding;
  const helpUri = webAddress(url);
  const also = aliases.length > 0 ? `Also ${aliases.join(', ')}.` : '';
  const source = cvss?.source === undefined ? '' : `, ${cvss.source}`;
  const score = cvss ? `, CVSS ${cvss.score.toFixed(1)} (${cvss.vector}${source})` : '';
  const rated = `${id}: ${severity}${score}.`;
  const fix = `${capitalised(remedy)}.`;
  const heading = title ?? `${id} in ${own.name}`;
  return {
    id: advisoryRuleId(id),
    shortDescription: text(heading),
    fullDescription: text(`${[id, ...aliases].join(', ')}: ${severity}, in ${own.name}. ${title ?? ''}`.trim()),
    help: {
      ...text([`${heading}.`, rated, also, fix, helpUri ?? ''].filter((part) => part !== '').join(' ')),
      markdown: clipped(
        [
          `**${escapeMarkdown(plain(heading))}**`,
          `${helpUri === undefined ? escapeMarkdown(plain(id)) : link(plain(id), helpUri)}: ${escapeMarkdown(plain(`${severity}${score}. ${also}`.trim()))}`,
          `**Fix:** ${escapeMarkdown(plain(fix))}`,
        ].join('\n\n'),
        LONGEST_MARKDOWN,
      ),
    },
    helpUri,
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      tags: ['security', 'vulnerability'],
      precision: 'very-high',
      'security-severity': securitySeverity(finding),
    },
  };
}

export function sourceRule({ rule, level, why, fix }: SourceFinding): SarifRule {
  return {
    id: plain(rule, LONGEST_ID),
    shortDescription: text(why),
    fullDescription: text(`${why} ${fix}`),
    help: text(`${why} ${fix}`),
    defaultConfiguration: { level },
    properties: { tags: ['containers-as-code'], precision: 'high' },
  };
}
