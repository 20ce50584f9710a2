import {
  counted,
  formatRepository,
  groupBy,
  MediaType,
  manifestsOf,
  messageOf,
  PredicateType,
  superseded,
  supersededGroup,
  TidegateError,
  type VerifiedFact,
} from '@tidegate/core';
import type { Registry, Removal } from '@tidegate/oci';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';

const KINDS: ReadonlyMap<string, 'scan' | 'verdict'> = new Map([
  [PredicateType.scan, 'scan'],
  [PredicateType.verdict, 'verdict'],
]);

/**
 * Remove scans and verdicts that newer ones of the same signer replace, so that an image that is scanned every night
 * does not collect evidence without end. Call it after the new evidence was read back. A registry that does not delete
 * manifests keeps them, which is no error: the image and its new evidence are published.
 * @param facts evidence of this run's signer that the registry had before, verified
 * @param keep number of scans and of verdicts to keep of each manifest; 0: all
 * @returns number of referrers that are no longer listed
 */
export async function removeSuperseded(
  target: Target,
  registry: Registry,
  { facts, keep }: { readonly facts: readonly VerifiedFact[]; readonly keep: number },
  services: Pick<Services, 'log' | 'signal'>,
): Promise<number> {
  if (keep === 0) return 0;
  const { signal, log } = services;
  const destination = formatRepository(registry);
  const replacing = { keep, destination, added: await added(target, destination, facts) };
  const bySubject = groupBy(superseded(facts, replacing), ({ subject }) => subject);
  let removed = 0;
  for (const [subject, replaced] of bySubject) {
    let removal: Removal;
    try {
      const digests = replaced.map(({ referrer }) => referrer);
      removal = await registry.removeReferrers(subject, digests, { signal });
    } catch (error) {
      if (signal.aborted || !(error instanceof TidegateError)) throw error;
      log.notice(`Superseded evidence was not removed: ${messageOf(error)}`);
      return removed;
    }
    removed += removal.unlisted ? replaced.length : removal.deleted;
    if (removal.refused === undefined) continue;
    const why = `${registry.name} does not delete manifests (status ${removal.refused})`;
    if (removal.unlisted) {
      log.debug(`${why}: superseded evidence is no longer listed, and stays stored.`);
      continue;
    }
    log.notice(
      `${why}, so superseded scans and verdicts stay attached. Remove old ones with the registry's own tools.`,
    );
    return removed;
  }
  if (removed > 0) {
    log.info(`Removed ${counted(removed, 'superseded scan or verdict', 'superseded scans and verdicts')}.`);
  }
  return removed;
}

/** The number of scans and verdicts of this run, by `supersededGroup`. */
async function added(
  target: Target,
  destination: string,
  facts: readonly VerifiedFact[],
): Promise<ReadonlyMap<string, number>> {
  const known = new Set(facts.map(({ referrer }) => referrer));
  const counts = new Map<string, number>();
  for (const { digest: subject } of manifestsOf(target.image)) {
    for (const { digest, annotations } of await target.layout.referrers(subject, MediaType.bundle)) {
      const kind = KINDS.get(annotations?.['dev.sigstore.bundle.predicateType'] ?? '');
      // One of each, however many destinations a run has.
      if (kind !== undefined && !known.has(digest)) {
        counts.set(supersededGroup(kind, subject, destination), 1);
      }
    }
  }
  return counts;
}
