import {
  type AddedPackage,
  type Digest,
  PredicateType,
  type ProgramEvidence,
  parseDigest,
  quoted,
  type ScanEvidence,
  type Statement,
} from '@tidegate/core';
import * as v from 'valibot';
import { instant, members, shaped } from '../statement/shape.ts';
import { makeStatement, type StatementBytes, type Subject, subjectMatches } from '../statement/statement.ts';
import { parseEvidence, unreadable } from '../statement/strict-json.ts';
import { addedParameter, readAdded } from './added-packages.ts';
import { withoutUserinfo } from './buildkit.ts';
import { findingsOf, Match } from './findings.ts';
import { suppressedBy } from './suppressed.ts';

/** In bytes. A Grype report of an image with thousands of matches has about 20 MB. */
export const MAX_REPORT_BYTES = 48 * 1024 * 1024;

/** Parameters and result of the Grype run. */
export interface ScanRun {
  /**
   * Digest of the scanned syft-json document: Grype read it without the claims that `withoutClaims` removes, and with
   * the packages of `added`.
   */
  readonly sbom: Digest;
  /** Grype's own threshold (`--fail-on`), or `none`. */
  readonly threshold: string;
  /** Grype exited with 2: a finding reached the threshold. */
  readonly tripped: boolean;
  readonly onlyFixed: boolean;
  /** Source of Grype's database, and the checksum of its archive. */
  readonly database: { readonly source: string; readonly checksum: Digest };
  readonly program?: ProgramEvidence | undefined;
  /** Kinds of packages for which the database contains advisories of the image's release. */
  readonly covered?: readonly string[];
  /** The release that Grype used instead of the image's own. */
  readonly standIn?: string | undefined;
  /** Packages that `withPackages` added to the document. */
  readonly added?: readonly AddedPackage[] | undefined;
  readonly startedOn: Date;
  readonly finishedOn: Date;
}

/**
 * Wrap a Grype report in cosign's vulnerability predicate (specs/COSIGN_VULN_ATTESTATION_SPEC.md).
 * @param report the report's bytes, as Grype wrote them.
 * @throws TidegateError `evidence` when `readScan` would reject the report: invalid output of a tool is detected before
 * anything is stored.
 */
export function scanStatement(subjects: readonly Subject[], report: Uint8Array, run: ScanRun): StatementBytes {
  const value = parseEvidence(report, "Grype's report", MAX_REPORT_BYTES);
  const { descriptor } = shaped(Report, value, "Grype's report");
  const { status } = descriptor.db;
  const statement = makeStatement(PredicateType.scan, subjects, {
    invocation: {
      parameters: [
        `sbom=${run.sbom}`,
        `threshold=${run.threshold}`,
        `tripped=${run.tripped}`,
        `only-fixed=${run.onlyFixed}`,
        `database-source=${withoutUserinfo(run.database.source)}`,
        `database-checksum=${run.database.checksum}`,
        ...(run.program ? [`program-digest=${run.program.digest}`] : []),
        ...(run.program?.release ? [`program-release=${run.program.release}`] : []),
        `covered=${run.covered?.join(',') || 'none'}`,
        ...(run.standIn === undefined ? [] : [`stand-in=${run.standIn}`]),
        ...(run.added?.length ? [`added=${addedParameter(run.added)}`] : []),
      ],
      uri: '',
      event_id: '',
      'builder.id': '',
    },
    scanner: {
      uri: `pkg:github/anchore/grype@v${descriptor.version}`,
      version: descriptor.version,
      db: {
        uri: withoutUserinfo(run.database.source),
        version: status.schemaVersion,
        lastUpdate: status.built.toISOString(),
      },
      result: publishable(value as Record<string, unknown>),
    },
    metadata: { scanStartedOn: run.startedOn.toISOString(), scanFinishedOn: run.finishedOn.toISOString() },
  });
  for (const { digest } of subjects) readScan(statement.statement.predicate, digest);
  return statement;
}

/**
 * Removes Grype's configuration, which contains folders, proxies and registries of the machine and must not be
 * published.
 */
function publishable(report: Record<string, unknown>): unknown {
  const descriptor = { ...(report.descriptor as Record<string, unknown>) };
  delete descriptor.configuration;
  const db = { ...(descriptor.db as Record<string, unknown>) };
  const status = { ...(db.status as Record<string, unknown>) };
  delete status.path;
  if (typeof status.from === 'string') status.from = withoutUserinfo(status.from);
  return { ...report, descriptor: { ...descriptor, db: { ...db, status } } };
}

const text = v.pipe(v.string(), v.minLength(1));

const Report = v.looseObject({
  matches: v.array(Match),
  // Absent if empty.
  ignoredMatches: v.optional(v.array(v.unknown()), []),
  // Empty strings if Grype recognized none.
  distro: v.optional(v.looseObject({ name: v.string(), version: v.optional(v.string(), '') })),
  alertsByPackage: v.optional(v.array(v.looseObject({ alerts: v.array(v.looseObject({ type: v.string() })) })), []),
  // The image that the syft-json document describes, passed on by Grype.
  source: v.looseObject({ type: v.literal('image'), target: v.looseObject({ manifestDigest: v.string() }) }),
  descriptor: v.looseObject({
    name: v.literal('grype'),
    version: text,
    db: v.looseObject({
      status: v.looseObject({
        built: instant,
        schemaVersion: text,
        from: v.optional(v.string()),
        valid: v.literal(true),
      }),
      providers: v.optional(v.nullable(members)),
    }),
  }),
});

const Predicate = v.looseObject({
  invocation: v.looseObject({ parameters: v.array(v.string()) }),
  scanner: v.looseObject({ uri: text, version: text, db: v.looseObject({ version: text }), result: Report }),
  metadata: v.looseObject({ scanStartedOn: instant, scanFinishedOn: instant }),
});

/**
 * @throws TidegateError `evidence` for any part that is missing, comes from another tool or image, or contradicts
 * another
 */
export function readScan(predicate: unknown, subject: Digest): ScanEvidence {
  const { invocation, scanner, metadata } = shaped(Predicate, predicate, 'The scan');
  const { alertsByPackage, descriptor, distro, matches, ignoredMatches, source } = scanner.result;
  const { status } = descriptor.db;
  if (scanner.version !== descriptor.version || scanner.db.version !== status.schemaVersion) {
    throw unreadable('The scan and its report name different scanners or databases.');
  }
  // Statement and report must name the same image: this rejects a report that was put into the statement of another
  // image.
  if (source.target.manifestDigest !== subject) {
    const shown = quoted(source.target.manifestDigest);
    throw unreadable(`The report is for ${shown}, not for ${subject}.`);
  }
  if (metadata.scanFinishedOn < metadata.scanStartedOn) throw unreadable('The scan ended before it started.');
  return {
    kind: 'scan',
    subject,
    sbom: digestAt(invocation.parameters, 'sbom'),
    scanner: { name: descriptor.name, version: descriptor.version },
    ...programIn(invocation.parameters),
    database: {
      built: status.built,
      schema: status.schemaVersion,
      source: parameter(invocation.parameters, 'database-source'),
      checksum: digestAt(invocation.parameters, 'database-checksum'),
      providers: descriptor.db.providers ? Object.keys(descriptor.db.providers).sort() : undefined,
    },
    finishedOn: metadata.scanFinishedOn,
    distribution: distro?.name ? [distro.name, distro.version].filter(Boolean).join(' ') : undefined,
    covered: coveredKinds(invocation.parameters),
    ...standInOf(invocation.parameters),
    ...addedIn(invocation.parameters),
    endOfLife: alertsByPackage.filter(({ alerts }) => alerts.some(({ type }) => type === 'distro-eol')).length,
    findings: findingsOf(matches),
    suppressed: suppressedBy(ignoredMatches),
    scannerTripped: parameterFlag(invocation.parameters, 'tripped'),
    scannerThreshold: parameter(invocation.parameters, 'threshold'),
    onlyFixed: parameterFlag(invocation.parameters, 'only-fixed'),
  };
}

/** @throws TidegateError `evidence` when it is not a scan, is of another image, or is unreadable */
export function scanEvidenceOf(statement: Statement, subject: Digest): ScanEvidence {
  if (statement.predicateType !== PredicateType.scan) throw unreadable('The statement is not a scan.');
  if (!subjectMatches(statement, subject)) throw unreadable(`The scan is about another image than ${subject}.`);
  return readScan(statement.predicate, subject);
}

function programIn(parameters: readonly string[]): Pick<ScanEvidence, 'program'> {
  const says = (name: string) => parameters.some((entry) => entry.startsWith(`${name}=`));
  if (!says('program-digest')) return {};
  const release = says('program-release') ? { release: parameter(parameters, 'program-release') } : {};
  return { program: { name: 'grype', digest: digestAt(parameters, 'program-digest'), ...release } };
}

/** Each parameter must occur exactly once: of two, one reader would use the first and another the last. */
function parameter(parameters: readonly string[], name: string): string {
  const values = parameters
    .filter((entry) => entry.startsWith(`${name}=`))
    .map((entry) => entry.slice(name.length + 1));
  const [value, ...more] = values;
  if (!value || more.length > 0) throw unreadable(`The scan must contain ${name} exactly once.`);
  return value;
}

/** A scan without this parameter covers nothing: it predates the parameter. */
function coveredKinds(parameters: readonly string[]): readonly string[] {
  const said = optionalParameter(parameters, 'covered') ?? 'none';
  return said === 'none' ? [] : said.split(',');
}

function standInOf(parameters: readonly string[]): { readonly standIn?: string | undefined } {
  const standIn = optionalParameter(parameters, 'stand-in');
  return standIn === undefined ? {} : { standIn };
}

function addedIn(parameters: readonly string[]): Pick<ScanEvidence, 'added'> {
  const said = optionalParameter(parameters, 'added');
  return said === undefined ? {} : { added: readAdded(said) };
}

function optionalParameter(parameters: readonly string[], name: string): string | undefined {
  return parameters.some((entry) => entry.startsWith(`${name}=`)) ? parameter(parameters, name) : undefined;
}

function parameterFlag(parameters: readonly string[], name: string): boolean {
  const value = parameter(parameters, name);
  if (value !== 'true' && value !== 'false') throw unreadable(`The scan's ${name} is neither true nor false.`);
  return value === 'true';
}

function digestAt(parameters: readonly string[], name: string): Digest {
  const value = parameter(parameters, name);
  try {
    return parseDigest(value);
  } catch (cause) {
    throw unreadable(`The scan's ${name} is not a digest.`, cause);
  }
}
