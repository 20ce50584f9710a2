import { type Trust, type VerdictOptions, verdictStatement } from '@tidegate/attest';
import {
  type Digest,
  decide,
  type Evidence,
  manifestsOf,
  type Policy,
  type Repository,
  type RuleResult,
  repositoryAllowed,
  TidegateError,
  type Verdict,
} from '@tidegate/core';
import { attachStatement, readEvidence } from './evidence-store.ts';
import { platformFacts } from './facts.ts';
import type { Services } from './services.ts';
import type { Target } from './target.ts';

/** What is required at which point: before anything is signed there is no signature, and no verdict yet. */
export function beforeSigning(policy: Policy): Policy {
  return { ...policy, require: policy.require.filter((one) => one !== 'signature' && one !== 'verdict') };
}

export interface Judged {
  readonly verdict: Verdict;
  readonly evidence: readonly Evidence[];
}

/**
 * Read all evidence that the layout holds, and what the image says of itself, and let the one gate decide.
 * @param destination where the image is to go, when it is to go anywhere
 */
export async function judge(
  target: Target,
  policy: Policy,
  trust: Trust,
  services: Services,
  destination?: Repository,
): Promise<Judged> {
  const [evidence, facts] = await Promise.all([readEvidence(target, trust), platformFacts(target, services)]);
  const surroundings = { facts, ...(destination ? { destination } : {}) };
  return { evidence, verdict: decide(policy, target.image, evidence, services.clock(), surroundings) };
}

/**
 * Keep the verdict as evidence (SLSA Verification Summary), on the root and on every platform.
 * @param policy digest of the policy document, the same before signing and before the push
 */
export async function recordVerdict(
  target: Target,
  policy: Digest,
  { evidence, verdict }: Judged,
  verifier: VerdictOptions['verifier'],
): Promise<void> {
  const recorded = manifestsOf(target.image).map(async (descriptor) => {
    const read = evidence.filter((one) => one.subject === descriptor.digest && one.kind !== 'verdict');
    const inputs = read.flatMap((one) => ('statement' in one && one.statement ? [one.statement] : []));
    const statement = verdictStatement([{ digest: descriptor.digest }], verdict, {
      verifier,
      policy: { digest: policy },
      resourceUri: `pkg:oci/image@${encodeURIComponent(descriptor.digest)}`,
      inputs,
    });
    await attachStatement(target, descriptor, statement);
  });
  await Promise.all(recorded);
}

/** @throws TidegateError `gate` when the policy does not let images go to this repository. */
export function assertMayGo(policy: Policy, destination: Repository): void {
  if (repositoryAllowed(policy.registries ?? [], destination)) return;
  const { registry, repository } = destination;
  throw new TidegateError('gate', `registry-allowed: the policy lets no image go to ${registry}/${repository}.`, {
    next: 'Push to a repository that the policy names under registries.allow. Nothing was sent.',
  });
}

/** @throws TidegateError `gate` naming every rule that failed and why. */
export function assertOpen(verdict: Verdict): void {
  if (verdict.passed) return;
  const failed: readonly RuleResult[] = verdict.rules.filter((rule) => rule.outcome === 'fail');
  const reasons = failed.map((rule) => `${rule.rule}: ${rule.why}`);
  throw new TidegateError('gate', `The gate is shut. ${reasons.join(' ')}`, {
    next: 'Mend what is named, or change the policy where that is a decision you can stand by. No tag was set.',
  });
}
