import type { Finding } from '../evidence.ts';
import { digestOf } from '../image/digest.ts';
import type { Severity } from '../severity.ts';
import { visibleLine } from '../text/terminal.ts';
import { clipped } from '../text/wording.ts';
import { fixText } from './findings-table.ts';

/** The location in the repository of a result. */
export interface SourcePlace {
  /** Relative to the repository's root, with slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly endLine?: number | undefined;
}

/** The result of scanning one platform: all findings, whatever the gate's decision. */
export interface ScannedPlatform {
  /** `registry/repository`, or the display name of the image. */
  readonly image: string;
  /** `linux/amd64`. */
  readonly platform: string;
  readonly findings: readonly Finding[];
  /** The line that introduced the finding's package; undefined if unknown. */
  readonly placeOf?: ((finding: Finding) => SourcePlace | undefined) | undefined;
  /** The fix of a finding, a sentence without its full stop; `Fixed in: …` if nothing more is known. */
  readonly remedyOf?: (finding: Finding) => string;
  /** Why a finding is suppressed: the ignore entry or VEX statement. */
  readonly suppressed?: (finding: Finding) => string | undefined;
  /** The file that the image is built from: the location of results whose line is unknown. */
  readonly dockerfile: string;
}

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

type Level = 'error' | 'warning' | 'note';

/** The part of SARIF 2.1.0 that is written here. */
export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly SarifRun[];
}

export interface SarifRun {
  readonly tool: { readonly driver: SarifDriver };
  readonly automationDetails: { readonly id: string };
  readonly columnKind: 'utf16CodeUnits';
  readonly results: readonly SarifResult[];
}

interface SarifDriver {
  readonly name: string;
  readonly informationUri: string;
  /** The ref by which the action was used, if there is one. */
  readonly version?: string;
  readonly rules: readonly SarifRule[];
}

interface SarifRule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
  readonly help?: { readonly text: string };
  readonly helpUri?: string | undefined;
  readonly defaultConfiguration: { readonly level: Level };
  readonly properties: Readonly<Record<string, unknown>>;
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: Level;
  readonly message: { readonly text: string };
  readonly locations: readonly unknown[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions?: readonly { readonly kind: 'external'; readonly justification: string }[] | undefined;
  readonly properties?: Readonly<Record<string, unknown>>;
}

const LEVELS: Readonly<Record<Severity, Level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  negligible: 'note',
  // Severity unknown: not a note, which viewers fold away.
  unknown: 'warning',
};

/** The middle of each band that code scanning sorts by (over 9.0, 7.0, 4.0, 0.1). Unknown has no number. */
const SCORES: Readonly<Partial<Record<Severity, string>>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  negligible: '0.1',
};

const INFORMATION = 'https://github.com/tidegate/tidegate';
const LONGEST_ID = 200;
const LONGEST_TEXT = 1000;

/**
 * @param version the ref by which the action was used
 * @returns a log with one run per scan, each in its own category, so that one platform's upload does not close
 * another's alerts.
 */
export function sarifLog(runs: readonly SarifRun[], version?: string): SarifLog {
  // A release's version; a branch or a commit is not a version that readers could compare.
  const [, number] = /^v?(\d+(?:\.\d+)*)$/.exec(version ?? '') ?? [];
  const shown = number === undefined ? {} : { version: number };
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: runs.map((one) => ({ ...one, tool: { driver: { ...one.tool.driver, ...shown } } })),
  };
}

/**
 * One run for one platform of one image. `automationDetails.id` is the category with its closing slash (SARIF 3.17.3).
 */
export function scanRun(scanned: ScannedPlatform): SarifRun {
  const { image, platform, findings, dockerfile } = scanned;
  const rules = new Map<string, { readonly index: number; readonly rule: SarifRule }>();
  const results = findings.map((finding): SarifResult => {
    const known = rules.get(finding.id);
    const { index, rule } = known ?? { index: rules.size, rule: advisoryRule(finding) };
    if (!known) rules.set(finding.id, { index, rule });
    const suppressed = scanned.suppressed?.(finding);
    return {
      ruleId: rule.id,
      ruleIndex: index,
      level: LEVELS[finding.severity],
      message: text(sentence(finding, platform, scanned.remedyOf?.(finding))),
      locations: [location(scanned.placeOf?.(finding) ?? { file: dockerfile, line: 1 }, finding)],
      // Without line and version: the same vulnerability in the same package stays one alert if the Dockerfile changes.
      partialFingerprints: fingerprints(image, platform, finding.id, finding.package.type, finding.package.name),
      suppressions:
        suppressed === undefined ? undefined : [{ kind: 'external' as const, justification: plain(suppressed) }],
    };
  });
  return run(
    `scan/${image}/${platform}`,
    [...rules.values()].map((each) => each.rule),
    results,
  );
}

/** The source rules, in a category of their own. */
export function sourceRun(findings: readonly SourceFinding[]): SarifRun {
  const rules = new Map<string, { readonly index: number; readonly rule: SarifRule }>();
  const results = findings.map((finding): SarifResult => {
    const known = rules.get(finding.rule);
    const { index, rule } = known ?? { index: rules.size, rule: sourceRule(finding) };
    if (!known) rules.set(finding.rule, { index, rule });
    return {
      ruleId: rule.id,
      ruleIndex: index,
      level: finding.level,
      message: text(`${finding.message} ${finding.fix}`),
      locations: [location(finding)],
      partialFingerprints: fingerprints(finding.rule, finding.file, finding.message),
    };
  });
  return run(
    'source',
    [...rules.values()].map((each) => each.rule),
    results,
  );
}

function run(category: string, rules: readonly SarifRule[], results: readonly SarifResult[]): SarifRun {
  const driver = { name: 'Tidegate', informationUri: INFORMATION, rules };
  return {
    tool: { driver },
    automationDetails: { id: `tidegate/${plain(category)}/` },
    columnKind: 'utf16CodeUnits',
    results,
  };
}

function advisoryRule(finding: Finding): SarifRule {
  const { id, severity, url } = finding;
  const score = SCORES[severity];
  const helpUri = webAddress(url);
  return {
    id: plain(id, LONGEST_ID),
    shortDescription: text(`${id} in ${finding.package.name}`),
    fullDescription: text(`${[id, ...finding.aliases].join(', ')}: ${severity}, in ${finding.package.name}.`),
    help: text([`${id} (${severity}).`, ...finding.aliases.map((alias) => `Also ${alias}.`), helpUri ?? ''].join(' ')),
    helpUri,
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      tags: ['security', 'vulnerability'],
      precision: 'very-high',
      'security-severity': score,
    },
  };
}

function sourceRule({ rule, level, why, fix }: SourceFinding): SarifRule {
  return {
    id: plain(rule, LONGEST_ID),
    shortDescription: text(why),
    fullDescription: text(`${why} ${fix}`),
    help: text(`${why} ${fix}`),
    defaultConfiguration: { level },
    properties: { tags: ['containers-as-code'], precision: 'high' },
  };
}

function sentence(finding: Finding, platform: string, remedy = fixedText(finding)): string {
  const { id, severity } = finding;
  const { name, version, type } = finding.package;
  const where = finding.locations[0];
  const at = where === undefined ? '' : ` at ${where}`;
  return `${id} (${severity}) in ${name} ${version} (${type})${at} of ${platform}: ${remedy}.`;
}

function location(place: SourcePlace, finding?: Finding): unknown {
  const startLine = Math.max(1, Math.trunc(place.line) || 1);
  const endLine = Math.max(startLine, Math.trunc(place.endLine ?? startLine) || startLine);
  return {
    physicalLocation: {
      artifactLocation: { uri: relativeUri(place.file), uriBaseId: '%SRCROOT%' },
      region: { startLine, ...(endLine > startLine ? { endLine } : {}) },
    },
    logicalLocations:
      finding === undefined
        ? undefined
        : [{ name: plain(finding.package.name), fullyQualifiedName: plain(packageName(finding)), kind: 'package' }],
  };
}

function packageName({ package: { name, purl, version } }: Finding): string {
  return purl ?? `${name}@${version}`;
}

/**
 * A relative reference that stays below the root and cannot be read as a scheme (RFC 3986, 4.2): every segment is
 * percent-encoded, and an absolute path or one that leaves the root is replaced by its file name.
 */
function relativeUri(file: string): string {
  const segments = file
    .replaceAll('\\', '/')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const shown = segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join('/');
  return shown === '' ? 'Dockerfile' : shown;
}

/** Only https and http: a viewer turns URLs into links, `javascript:` among them. */
function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}

/** `primaryLocationLineHash` is the one that code scanning compares; other viewers may use ours. */
function fingerprints(...parts: readonly string[]): Readonly<Record<string, string>> {
  const hash = digestOf(new TextEncoder().encode(JSON.stringify(parts))).slice('sha256:'.length);
  return { primaryLocationLineHash: `${hash.slice(0, 16)}:1`, 'tidegateFinding/v1': hash };
}

function plain(value: string, longest = LONGEST_TEXT): string {
  return clipped(visibleLine(value), longest);
}

/**
 * A message string (SARIF 3.11.5 and 3.11.6): braces are placeholders and brackets make links, unless they are escaped.
 * Angle brackets are removed, for viewers that interpret text as HTML.
 */
function text(value: string): { readonly text: string } {
  const escaped = plain(value)
    .replace(/[\\[\]]/g, '\\$&')
    .replace(/[{}]/g, '$&$&')
    .replaceAll('<', '‹')
    .replaceAll('>', '›');
  return { text: escaped === '' ? '(no text)' : escaped };
}

function fixedText(finding: Finding): string {
  const text = fixText(finding);
  return text.startsWith('only in ') ? `fixed ${text}` : `fixed in: ${text}`;
}
