import { type Finding, findingKey, manifestsOf, PredicateType, TidegateError, type Verdict } from '@tidegate/core';
import { copyReferrers, type Registry } from '@tidegate/oci';
import { publishedReferrers, TRUST_NONE } from '../evidence/store.ts';
import type { Services } from '../services.ts';
import { type SignOptions, sign } from '../sign/sign.ts';
import { verifyPublished } from '../verify/verify.ts';
import type { Rescanned } from './rescan.ts';

/**
 * Whether the results are worth attaching: a verdict or findings that differ from the newest published ones, an SBOM
 * that was missing, or a scan that consumers may consider too old. Without this check a nightly rescan adds hundreds of
 * identical pieces of evidence a year, and every verifier of the image has to read them.
 * @param after maximum age of the newest scan, in milliseconds
 */
export function saysMore(
  { before, listed, scans, verdict, verdictBefore }: Omit<Rescanned, 'target' | 'sboms'>,
  after: number,
  now: Date,
): boolean {
  if (!listed || verdictBefore?.passed !== verdict.passed) return true;
  return scans.some(({ evidence }) => {
    const last = before.get(evidence.subject);
    // The negated comparison treats an invalid date as old.
    if (!last || !(now.getTime() - last.finishedOn.getTime() <= after)) return true;
    return keysOf(last.findings) !== keysOf(evidence.findings);
  });
}

function keysOf(findings: readonly Finding[]): string {
  const keys = findings.map((finding) =>
    JSON.stringify([findingKey(finding), finding.severity, finding.fix, finding.fixedIn, finding.knownExploited]),
  );
  return keys.toSorted().join('\n');
}

/**
 * Unsigned evidence that is worth attaching. An unsigned SBOM has no signer to recognize it by, so each run would add
 * another one.
 */
const UNSIGNED: ReadonlySet<string> = new Set([PredicateType.scan, PredicateType.verdict]);

/**
 * Attach the results of a rescan to the published image, signed or not, and read them back. Existing evidence stays:
 * the newest scan and verdict count. Tags are not changed, and the image is not signed again.
 * @returns number of pieces of evidence attached
 */
export async function attachRescan(
  { target }: Pick<Rescanned, 'target'>,
  registry: Registry,
  signing: SignOptions | undefined,
  services: Services,
): Promise<number> {
  if (signing) await sign(target, { ...signing, statementsOnly: true }, services);
  const all = (await publishedReferrers(target)).flatMap((one) => one.referrers);
  const referrers = signing
    ? all
    : all.filter(({ annotations }) => UNSIGNED.has(annotations?.['in-toto.io/predicate-type'] ?? ''));
  const wanted = new Set(referrers.map(({ digest }) => digest));
  const { signal } = services;
  for (const { digest } of manifestsOf(target.image)) {
    await copyReferrers(target.layout, registry, digest, { signal, filter: (one) => wanted.has(one.digest) });
  }
  await verifyPublished(target, registry, referrers, signing?.trust ?? TRUST_NONE, services);
  return referrers.length;
}

/**
 * Like `attachRescan`, but a failure must not hide the findings of the scan.
 * @returns number of pieces of evidence attached, or why none could be attached
 * @throws TidegateError `cancelled`
 */
export async function tryToAttach(
  ...[scanned, registry, signing, services]: Parameters<typeof attachRescan>
): Promise<number | TidegateError> {
  try {
    return await attachRescan(scanned, registry, signing, services);
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
