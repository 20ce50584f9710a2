import {
  canonicalJson,
  type Digest,
  hexOf,
  isDigest,
  PredicateType,
  parseDigest,
  type RuleResult,
  type Verdict,
  type VerdictEvidence,
} from '@tidegate/core';
import * as v from 'valibot';
import { instant, sha256Hex, shaped } from '../statement/shape.ts';
import { makeStatement, parseStatement, type StatementBytes, type Subject } from '../statement/statement.ts';
import { unreadable } from '../statement/strict-json.ts';

export interface VerdictOptions {
  /** URI of the verifier, such as the workflow's, and its version. */
  readonly verifier: { readonly id: string; readonly version?: Readonly<Record<string, string>> | undefined };
  /** Allowed destination: `registry/repository`. If undefined, consumers reject the verdict everywhere. */
  readonly destination: string | undefined;
  /** Programs whose results the gate evaluated. */
  readonly tools?: readonly VerdictTool[];
  /** Vulnerability databases that the scans used. */
  readonly databases?: readonly VerdictDatabase[];
  /** Digest of the policy's canonical JSON, and its location. */
  readonly policy: { readonly digest: Digest; readonly uri?: string };
  /** Digests of the evidence statements that the gate evaluated. */
  readonly inputs: readonly Digest[];
  /** For example `SLSA_BUILD_LEVEL_2`. Default: none. */
  readonly levels?: readonly string[];
  /** Parts of the policy that a rescan did not judge: `contents`. Default: none. */
  readonly notJudged?: readonly string[] | undefined;
}

/** Prefix of the digest in a verdict without a destination. */
const NOWHERE = 'pkg:oci/image@';

export interface VerdictTool {
  readonly name: string;
  readonly version?: string | undefined;
  /** URL of the published file, if Tidegate pins it. */
  readonly uri?: string | undefined;
  /** Checksum of the published file, in hex; without a URL, checksum of the program itself. */
  readonly sha256?: string | undefined;
}

export interface VerdictDatabase {
  /** The server that provided the checksum, or another source, as recorded in the scan. */
  readonly source: string;
  readonly built: Date;
  readonly schema: string;
  /** Checksum of its archive, in hex. */
  readonly sha256: string;
}

const SLSA_VERSION = '1.1';

/** SLSA Verification Summary (slsa.dev/spec/v1.1/verification_summary), with each rule in a vendor field. */
export function verdictStatement(
  subjects: readonly Subject[],
  verdict: Verdict,
  options: VerdictOptions,
): StatementBytes {
  const { verifier, destination, policy, inputs, levels = [], tools = [], databases = [], notJudged = [] } = options;
  return makeStatement(PredicateType.verdict, subjects, {
    verifier,
    timeVerified: verdict.decidedOn.toISOString(),
    // The field is required, and a digest alone identifies no repository.
    resourceUri: destination ?? `${NOWHERE}${subjects.map(({ digest }) => encodeURIComponent(digest)).join()}`,
    policy: { uri: policy.uri || undefined, digest: { sha256: hexOf(policy.digest) } },
    inputAttestations: inputs.map((digest) => ({ digest: { sha256: hexOf(digest) } })),
    verificationResult: verdict.passed ? 'PASSED' : 'FAILED',
    verifiedLevels: verdict.passed ? levels : ['FAILED'],
    slsaVersion: SLSA_VERSION,
    // "Extension fields" of the SLSA specification: `<vendor>_<name>`.
    tidegate_rules: verdict.rules.map(({ rule, outcome, why }): RuleResult => ({ rule, outcome, why })),
    tidegate_not_judged: notJudged.length > 0 ? notJudged : undefined,
    tidegate_tools: tools.length > 0 ? tools.map(withDigest) : undefined,
    tidegate_databases:
      databases.length > 0
        ? databases.map((one) => ({ ...withDigest(one), built: one.built.toISOString() }))
        : undefined,
  });
}

/** in-toto digest sets name the algorithm. */
function withDigest<T extends { readonly sha256?: string | undefined }>({ sha256, ...rest }: T) {
  return { ...rest, digest: sha256 === undefined ? undefined : { sha256 } };
}

const Inputs = v.looseObject({
  inputAttestations: v.array(v.looseObject({ digest: v.looseObject({ sha256: v.string() }) })),
});

/**
 * The verdict with updated digests for statements that were changed since (`joined`: old to new, hex).
 * @returns undefined if it refers to none of them
 */
export function renameInputs(bytes: Uint8Array, joined: ReadonlyMap<string, string>): StatementBytes | undefined {
  const { predicate, predicateType, subject } = parseStatement(bytes);
  const { inputAttestations, ...rest } = shaped(Inputs, predicate, 'The verdict');
  if (!inputAttestations.some(({ digest }) => joined.has(digest.sha256))) return undefined;
  const renamed = inputAttestations.map((one) => ({
    ...one,
    digest: { ...one.digest, sha256: joined.get(one.digest.sha256) ?? one.digest.sha256 },
  }));
  const subjects = subject.map(({ digest, name }) => ({
    digest: parseDigest(`sha256:${digest.sha256}`),
    name,
  }));
  return makeStatement(predicateType, subjects, { ...rest, inputAttestations: renamed });
}

/**
 * Whether two verdicts say the same: by the same policy and verifier, of the same evidence, with the same result of each
 * rule. The time, the wording of the reasons and the databases are ignored: they differ in each run.
 */
export function sameVerdict(a: Uint8Array, b: Uint8Array): boolean {
  return contentOf(a) === contentOf(b);
}

function contentOf(bytes: Uint8Array): string {
  const { rest, rules, inputs, tools } = partsOf(bytes);
  const content = {
    ...rest,
    tidegate_tools: tools,
    tidegate_rules: rules.map(({ rule, outcome }) => `${rule} ${outcome}`),
    inputAttestations: inputs,
  };
  return Buffer.from(canonicalJson(content)).toString();
}

function partsOf(bytes: Uint8Array) {
  const { predicate } = parseStatement(bytes);
  const { timeVerified: _, tidegate_databases: __, inputAttestations, tidegate_tools: tools, ...rest } = predicate;
  const { tidegate_rules: rules } = shaped(Predicate, predicate, 'The verdict');
  const inputs = shaped(Inputs, { inputAttestations }, 'The verdict').inputAttestations;
  return { rest, rules, tools, inputs: inputs.map(({ digest }) => digest.sha256).toSorted() };
}

/**
 * Whether `full` says all that `partial` says: it is of the same evidence by the same policy and verifier, judged all of
 * the policy, and every rule that both judged has the same result.
 */
export function coversVerdict(full: Uint8Array, partial: Uint8Array): boolean {
  const [all, some] = [partsOf(full), partsOf(partial)];
  const { tidegate_not_judged: left, tidegate_rules: _, ...said } = all.rest;
  const { tidegate_not_judged: __, tidegate_rules: ___, ...again } = some.rest;
  const outcomes = new Map(all.rules.map(({ rule, outcome }) => [rule, outcome]));
  return (
    left === undefined &&
    Buffer.compare(canonicalJson({ ...said, inputs: all.inputs }), canonicalJson({ ...again, inputs: some.inputs })) ===
      0 &&
    some.rules.every(({ rule, outcome }) => outcome === 'not-applicable' || outcomes.get(rule) === outcome)
  );
}

const Tool = v.looseObject({
  name: v.string(),
  version: v.optional(v.string()),
  digest: v.optional(v.looseObject({ sha256: v.optional(v.string()) })),
});
const Predicate = v.looseObject({
  verifier: v.looseObject({ id: v.pipe(v.string(), v.minLength(1)) }),
  timeVerified: instant,
  resourceUri: v.pipe(v.string(), v.minLength(1)),
  policy: v.looseObject({ digest: v.looseObject({ sha256: sha256Hex }) }),
  verificationResult: v.picklist(['PASSED', 'FAILED']),
  verifiedLevels: v.array(v.string()),
  tidegate_rules: v.optional(
    v.array(v.looseObject({ rule: v.string(), outcome: v.picklist(['pass', 'fail', 'not-applicable']) })),
    [],
  ),
  tidegate_not_judged: v.optional(v.array(v.string()), []),
  tidegate_tools: v.optional(v.array(Tool), []),
  inputAttestations: v.optional(
    v.array(v.looseObject({ digest: v.optional(v.looseObject({ sha256: v.optional(v.string()) })) })),
    [],
  ),
});

/** @throws TidegateError `evidence` when it is not a verdict, or states both PASSED and that a rule failed */
export function readVerdict(predicate: unknown, subject: Digest): VerdictEvidence {
  const summary = shaped(Predicate, predicate, 'The verdict');
  const passed = summary.verificationResult === 'PASSED';
  const failed = summary.tidegate_rules.some(({ outcome }) => outcome === 'fail');
  if (passed && (failed || summary.verifiedLevels.includes('FAILED'))) {
    throw unreadable('The verdict says PASSED and that a rule or level failed.');
  }
  return {
    kind: 'verdict',
    subject,
    passed,
    policy: parseDigest(`sha256:${summary.policy.digest.sha256}`),
    destination: summary.resourceUri.startsWith(NOWHERE) ? undefined : summary.resourceUri,
    decidedOn: summary.timeVerified,
    isPartial: summary.tidegate_not_judged.length > 0 ? true : undefined,
    inputs: summary.inputAttestations.flatMap(({ digest }) => digestIn(digest) ?? []),
    tools: summary.tidegate_tools.map(({ name, version, digest }) => ({ name, version, digest: digestIn(digest) })),
  };
}

function digestIn(digest: { readonly sha256?: string | undefined } | undefined): Digest | undefined {
  const name = `sha256:${digest?.sha256}`;
  return isDigest(name) ? name : undefined;
}
