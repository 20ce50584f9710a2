import {
  type Digest,
  manifestsOf,
  PredicateType,
  sameFindings,
  TidegateError,
  type Verdict,
  type VerifiedFact,
} from '@tidegate/core';
import { copyReferrers, type Registry } from '@tidegate/oci';
import { publishedReferrers } from '../evidence/published-referrers.ts';
import { removeSuperseded } from '../evidence/remove-superseded.ts';
import { readStatements, TRUST_NONE } from '../evidence/store.ts';
import type { Services } from '../services.ts';
import { type SignOptions, sign } from '../sign/sign.ts';
import type { Target } from '../target.ts';
import { verifyPublished } from '../verify/verify.ts';
import type { Rescanned } from './rescan.ts';

/**
 * Whether the results are worth attaching: a verdict or findings that differ from the newest published ones, the first
 * verdict under this policy, an SBOM
 * that was missing, or a scan that consumers may consider too old. Without this check a nightly rescan adds hundreds of
 * identical pieces of evidence a year, and every verifier of the image has to read them.
 * @param after maximum age of the newest scan, in milliseconds
 */
export function saysMore(
  {
    before,
    isAdmitted,
    listed,
    scans,
    verdict,
    verdictBefore,
  }: Pick<Rescanned, 'before' | 'isAdmitted' | 'listed' | 'scans' | 'verdict' | 'verdictBefore'>,
  after: number,
  now: Date,
): boolean {
  // The next rescan need not judge everything again.
  if (verdict.passed && !isAdmitted) return true;
  if (!listed || verdictBefore?.passed !== verdict.passed) return true;
  return scans.some(({ evidence }) => {
    const last = before.get(evidence.subject);
    // The negated comparison treats an invalid date as old.
    if (!last || !(now.getTime() - last.finishedOn.getTime() <= after)) return true;
    return !sameFindings(last.findings, evidence.findings);
  });
}

/**
 * Unsigned evidence that is worth attaching. An unsigned SBOM has no signer to recognize it by, so each run would add
 * another one.
 */
const UNSIGNED: ReadonlySet<string> = new Set([PredicateType.scan, PredicateType.verdict]);

/** Which of this signer's earlier scans and verdicts are removed once the new ones were read back. */
export interface Keeping {
  readonly facts: readonly VerifiedFact[];
  /** Number of scans and verdicts of each manifest to keep; 0: all. */
  readonly keep: number;
}

/**
 * Attach the results of a rescan to the published image, signed or not, and read them back: the newest scan and verdict
 * count. Then remove older ones of this signer, beyond the number to keep. Tags are not changed, and the image is not
 * signed again.
 * @returns number of pieces of evidence attached
 */
export async function attachRescan(
  { target, repeated }: Pick<Rescanned, 'target' | 'repeated'>,
  registry: Registry,
  signing: SignOptions | undefined,
  services: Services,
  keeping: Keeping = { facts: [], keep: 0 },
): Promise<number> {
  await unlist(target, repeated);
  if (signing) await sign(target, { ...signing, statementsOnly: true }, services);
  const all = await publishedReferrers(target);
  const referrers = signing
    ? all
    : all.filter(({ annotations }) => UNSIGNED.has(annotations?.['in-toto.io/predicate-type'] ?? ''));
  const wanted = new Set(referrers.map(({ digest }) => digest));
  const { signal } = services;
  for (const { digest } of manifestsOf(target.image)) {
    await copyReferrers(target.layout, registry, digest, { signal, filter: (one) => wanted.has(one.digest) });
  }
  await verifyPublished(target, registry, referrers, signing?.trust ?? TRUST_NONE, services);
  await removeSuperseded(target, registry, keeping, services);
  return referrers.length;
}

async function unlist(target: Target, statements: ReadonlySet<Digest>): Promise<void> {
  for (const subject of manifestsOf(target.image)) {
    for (const { digest, referrer } of await readStatements(target, subject)) {
      if (statements.has(digest)) await target.layout.unlist(referrer);
    }
  }
}

/**
 * Like `attachRescan`, but a failure must not hide the findings of the scan.
 * @returns number of pieces of evidence attached, or why none could be attached
 * @throws TidegateError `cancelled`
 */
export async function tryToAttach(
  ...[scanned, registry, signing, services, keeping]: Parameters<typeof attachRescan>
): Promise<number | TidegateError> {
  try {
    return await attachRescan(scanned, registry, signing, services, keeping);
  } catch (error) {
    if (services.signal.aborted || !(error instanceof TidegateError)) throw error;
    return notAttached(error);
  }
}

/** The error of a rescan that could not attach its result to the image. */
export function notAttached(error: TidegateError): TidegateError {
  return new TidegateError(error.id, `The scan and its verdict could not be attached to the image. ${error.message}`, {
    next: `${error.next ?? 'Run again.'} To scan without attaching, set attach to false.`,
    cause: error,
  });
}

/** @throws TidegateError `gate` naming every rule that failed and why. */
export function assertStillPassed(verdict: Verdict, name: string): void {
  if (verdict.passed) return;
  const failed = verdict.rules.filter(({ outcome }) => outcome === 'fail');
  throw new TidegateError(
    'live-image-failed',
    `${name} is published but no longer passes the gate. ${failed.map(({ rule, why }) => `${rule}: ${why}`).join(' ')}`,
    { next: 'Fix the listed findings, and build and publish the image again. Its tags were not changed.' },
  );
}
