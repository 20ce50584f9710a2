import type { Finding } from '../finding.ts';
import { worstFirst } from '../gate/findings.ts';
import { digestOf } from '../image/digest.ts';
import { counted } from '../text/wording.ts';
import { fixText } from './findings-table.ts';
import type { Place } from './fixes.ts';
import {
  advisoryRule,
  advisoryRuleId,
  LEVELS,
  type Level,
  type SarifRule,
  type SourceFinding,
  sourceRule,
} from './sarif-rules.ts';
import { plain, relativeUri, text } from './sarif-text.ts';

/** The result of scanning one platform: all findings, whatever the gate's decision. */
export interface ScannedPlatform {
  /** `registry/repository`, or the display name of the image. */
  readonly image: string;
  /** `linux/amd64`. */
  readonly platform: string;
  readonly findings: readonly Finding[];
  /** The line that introduced the finding's package; undefined if unknown. */
  readonly placeOf?: ((finding: Finding) => Place | undefined) | undefined;
  /** The fix of a finding, a sentence without its full stop; `Fixed in: …` if nothing more is known. */
  readonly remedyOf?: (finding: Finding) => string;
  /** Why a finding is suppressed: the ignore entry or VEX statement. */
  readonly suppressed?: (finding: Finding) => string | undefined;
  /** The file that the image is built from: the location of results whose line is unknown. */
  readonly dockerfile: string;
}

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
  /** Notes about results and runs that are left out. */
  readonly invocations?: readonly unknown[];
}

interface SarifDriver {
  readonly name: string;
  readonly informationUri: string;
  /** The ref by which the action was used, if there is one. */
  readonly version?: string | undefined;
  readonly rules: readonly SarifRule[];
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

const INFORMATION = 'https://github.com/tidegate/tidegate';

/**
 * GitHub's limits for an upload (docs.github.com, "SARIF support for code scanning"): 20 runs in a file, and in each
 * 25,000 results and 25,000 rules, of which it shows 5,000 results. Every result here has one location, and every rule
 * two tags.
 */
const MOST_RUNS = 20;
export const MOST_RESULTS = 25_000;
const TOO_LONG = 'the file would exceed the limits of code scanning. The JSON report has all.';

/**
 * @param most results of each run, the worst first: for a log that would be too long by which the action was used
 * @returns a log with one run per scan, each in its own category, so that one platform's upload does not close
 * another's alerts.
 */
export function sarifLog(runs: readonly SarifRun[], version?: string, most = MOST_RESULTS): SarifLog {
  // A release's version; a branch or a commit is not a version that readers could compare.
  const [, number] = /^v?(\d+(?:\.\d+)*)$/.exec(version ?? '') ?? [];
  const shown = number === undefined ? {} : { version: number };
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: runs.slice(0, MOST_RUNS).map((given, at) => {
      const cut = cutRun(given, Math.min(most, MOST_RESULTS));
      const left = at === MOST_RUNS - 1 ? runs.length - MOST_RUNS : 0;
      const one = left > 0 ? withNote(cut, `${counted(left, 'more scan')} left out: ${TOO_LONG}`) : cut;
      return { ...one, tool: { driver: { ...one.tool.driver, ...shown } } };
    }),
  };
}

/** The first results of a run, the rules that they need, and a note that counts the others. */
function cutRun(run: SarifRun, most: number): SarifRun {
  const { results, tool } = run;
  if (results.length <= most) return run;
  const kept = results.slice(0, most);
  // A rule is added with its first result, so the first results need the first rules.
  const rules = tool.driver.rules.slice(0, 1 + kept.reduce((last, { ruleIndex }) => Math.max(last, ruleIndex), -1));
  const left = `${counted(results.length - kept.length, 'result')} of lower severity left out: ${TOO_LONG}`;
  return withNote({ ...run, tool: { driver: { ...tool.driver, rules } }, results: kept }, left);
}

function withNote(run: SarifRun, note: string): SarifRun {
  const added = { executionSuccessful: true, toolExecutionNotifications: [{ level: 'note', message: { text: note } }] };
  return { ...run, invocations: [...(run.invocations ?? []), added] };
}

/**
 * One run for one platform of one image. `automationDetails.id` is the category with its closing slash (SARIF 3.17.3).
 */
export function scanRun(scanned: ScannedPlatform): SarifRun {
  const { image, platform, findings, dockerfile } = scanned;
  const rules = new Map<string, { readonly index: number; readonly rule: SarifRule }>();
  const results = worstFirst(findings).map((finding): SarifResult => {
    const ruleId = advisoryRuleId(finding.id);
    const known = rules.get(ruleId);
    const remedy = scanned.remedyOf?.(finding) ?? fixedText(finding);
    const { index, rule } = known ?? { index: rules.size, rule: advisoryRule(finding, remedy) };
    if (!known) rules.set(ruleId, { index, rule });
    const suppressed = scanned.suppressed?.(finding);
    return {
      ruleId: rule.id,
      ruleIndex: index,
      level: LEVELS[finding.severity],
      message: text(sentence(finding, platform, remedy)),
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

function sentence(finding: Finding, platform: string, remedy: string): string {
  const { id, severity } = finding;
  const { name, version, type } = finding.package;
  const where = finding.locations[0];
  const at = where === undefined ? '' : ` at ${where}`;
  return `${id} (${severity}) in ${name} ${version} (${type})${at} of ${platform}: ${remedy}.`;
}

function location(place: Place, finding?: Finding): unknown {
  const startLine = Math.max(1, Math.trunc(place.line) || 1);
  const endLine = Math.max(startLine, Math.trunc(place.endLine ?? startLine) || startLine);
  return {
    physicalLocation: {
      artifactLocation: { uri: relativeUri(place.file), uriBaseId: '%SRCROOT%' },
      region: { startLine, endLine: endLine > startLine ? endLine : undefined },
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

/** `primaryLocationLineHash` is the one that code scanning compares; other viewers may use ours. */
function fingerprints(...parts: readonly string[]): Readonly<Record<string, string>> {
  const hash = digestOf(new TextEncoder().encode(JSON.stringify(parts))).slice('sha256:'.length);
  return { primaryLocationLineHash: `${hash.slice(0, 16)}:1`, 'tidegateFinding/v1': hash };
}

function fixedText(finding: Finding): string {
  const text = fixText(finding);
  return text.startsWith('only in ') ? `fixed ${text}` : `fixed in: ${text}`;
}
