import {
  type Trust,
  type VerdictDatabase,
  type VerdictOptions,
  type VerdictTool,
  verdictStatement,
} from '@tidegate/attest';
import {
  type Digest,
  decide,
  EVIDENCE_MAKER,
  type Evidence,
  formatRepository,
  hexOf,
  manifestsOf,
  type Policy,
  type ProgramEvidence,
  type Repository,
  type RuleName,
  type RuleResult,
  repositoryAllowed,
  TidegateError,
  type Verdict,
  withReasons,
} from '@tidegate/core';
import { attachStatements, readEvidence } from '../evidence/store.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { platformFacts } from './facts.ts';

/**
 * Policy for the evaluation before signing: no signature and no verdict exists yet, and evidence of the user's own comes
 * together with the signature.
 */
function beforeSigning({ predicates: _, ...policy }: Policy): Policy {
  return { ...policy, require: policy.require.filter((one) => one !== 'signature' && one !== 'verdict') };
}

export interface Judged {
  readonly verdict: Verdict;
  readonly evidence: readonly Evidence[];
}

/**
 * Read all evidence in the layout and the image's own metadata, and evaluate the gate.
 * @param destinations of the image, if it will be pushed
 */
export async function judge(
  target: Target,
  policy: Policy,
  trust: Trust,
  services: Services,
  destinations: readonly Repository[] = [],
): Promise<Judged> {
  const [evidence, facts] = await Promise.all([readEvidence(target, trust), platformFacts(target, services)]);
  const surroundings = { facts, destinations };
  return { evidence, verdict: decide(policy, target.image, evidence, services.clock(), surroundings) };
}

const BEFORE = 'Not judged here: this check comes before the image is signed.';

/**
 * The same before signing. The rules about signatures, verdicts and evidence of the user's own are not judged, and say
 * so.
 */
export async function judgeBeforeSigning(
  target: Target,
  policy: Policy,
  trust: Trust,
  services: Services,
  destinations: readonly Repository[] = [],
): Promise<Judged> {
  const { evidence, verdict } = await judge(target, beforeSigning(policy), trust, services, destinations);
  const rules = withReasons(verdict.rules, policy, target.image, {
    ...{ 'signature-present': BEFORE, 'verdict-present': BEFORE, 'predicates-present': BEFORE },
  });
  return { evidence, verdict: { ...verdict, rules } };
}

export interface VerdictRecord {
  /** Digest of the policy document: the same before signing and before the push. */
  readonly policyDigest: Digest;
  readonly verifier: VerdictOptions['verifier'];
  /** Allowed destinations of the image, each with a verdict of its own. None: the verdict allows no push. */
  readonly destinations: readonly Repository[];
  /** Parts of the policy that the verdict did not judge. Default: none. */
  readonly notJudged?: readonly string[] | undefined;
}

/**
 * Store the verdict as evidence (SLSA Verification Summary) of the root and of every platform: one for each destination,
 * because a summary names exactly one, and consumers compare it with where they pull from.
 */
export async function recordVerdict(
  target: Target,
  { evidence, verdict }: Judged,
  { policyDigest, verifier, destinations, notJudged }: VerdictRecord,
): Promise<void> {
  const used = usedFor(evidence);
  const recorded = manifestsOf(target.image).map(async (descriptor) => {
    const read = evidence.filter((one) => one.subject === descriptor.digest && one.kind !== 'verdict');
    const inputs = read.flatMap((one) => ('statement' in one && one.statement ? [one.statement] : []));
    const names = destinations.length > 0 ? destinations.map(formatRepository) : [undefined];
    const statements = names.map((destination) =>
      verdictStatement([{ digest: descriptor.digest }], verdict, {
        verifier,
        policy: { digest: policyDigest },
        destination,
        inputs,
        notJudged,
        ...used,
      }),
    );
    await attachStatements(target, descriptor, statements);
  });
  await Promise.all(recorded);
}

/** Tools and databases of all platforms, each once. */
function usedFor(evidence: readonly Evidence[]): Pick<VerdictOptions, 'tools' | 'databases'> {
  const tools = new Map<string, VerdictTool>();
  const databases = new Map<string, VerdictDatabase>();
  const note = (name: string, version: string | undefined, program: ProgramEvidence | undefined): void => {
    const { digest, release } = program ?? {};
    tools.set(`${name} ${version} ${digest} ${release}`, {
      name,
      version: version || undefined,
      uri: release || undefined,
      sha256: digest ? hexOf(digest) : undefined,
    });
  };
  for (const one of evidence) {
    if (one.kind === 'provenance') for (const program of one.programs ?? []) note(program.name, undefined, program);
    if (one.kind === 'sbom' && one.cataloger) {
      note('syft', one.cataloger, one.program);
      note(EVIDENCE_MAKER.name, EVIDENCE_MAKER.version, undefined);
    }
    if (one.kind !== 'scan') continue;
    note(one.scanner.name, one.scanner.version, one.program);
    const { built, checksum, schema, source } = one.database;
    databases.set(`${source} ${checksum}`, { source, built, schema, sha256: hexOf(checksum) });
  }
  return { tools: [...tools.values()], databases: [...databases.values()] };
}

/** Whether no verdict names a destination: consumers reject such an image everywhere. */
export function namesNoDestination({ evidence }: Judged): boolean {
  const verdicts = evidence.filter((one) => one.kind === 'verdict');
  return verdicts.length > 0 && verdicts.every(({ destination }) => destination === undefined);
}

/** @throws TidegateError `gate` when the policy does not allow pushes to this repository. */
export function assertDestinationAllowed(policy: Policy, destination: Repository): void {
  if (repositoryAllowed(policy.registries ?? [], destination)) return;
  const { registry, repository } = destination;
  throw new TidegateError(
    'registry-not-allowed',
    `registry-allowed: the policy does not allow pushes to ${registry}/${repository}.`,
    {
      next: 'Push to a repository that the policy lists under registries.allow. Nothing was uploaded.',
    },
  );
}

/** @throws TidegateError `gate` naming every rule that failed and why. */
export function assertPassed(verdict: Verdict): void {
  if (verdict.passed) return;
  const failed: readonly RuleResult[] = verdict.rules.filter((rule) => rule.outcome === 'fail');
  const reasons = failed.map((rule) => `${rule.rule}: ${rule.why}`);
  throw new TidegateError('gate-failed', `The gate failed. ${reasons.join(' ')}`, {
    next: `Make the changes that the job summary lists${orException(failed)}. No tag was set.`,
  });
}

/** Rules whose findings the policy can ignore one by one. No exception fits another rule. */
const OF_FINDINGS: ReadonlySet<RuleName> = new Set([
  ...(['severity-threshold', 'severity-unknown', 'known-exploited'] as const),
  ...(['epss-threshold', 'risk-threshold'] as const),
]);

function orException(failed: readonly RuleResult[]): string {
  const rules = [...new Set(failed.map(({ rule }) => rule))];
  const fitting = rules.filter((rule) => OF_FINDINGS.has(rule));
  if (fitting.length === 0) return '';
  const which = fitting.length === rules.length ? '' : ` for findings of ${fitting.join(' and ')}`;
  return `, or add an exception with an expiry date to the policy${which}`;
}
