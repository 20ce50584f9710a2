import { type Digest, type Evidence, formatRepository, type LiveTag, type Policy, TidegateError } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { TagsBefore } from '../push/preflight.ts';
import type { Target } from '../target.ts';
import { nameOf, namesOf } from './baseline.ts';

/**
 * Check that the baseline is still the live image when the tags move: another push may have happened in between. Tags
 * that this push does not set are ignored.
 * @throws TidegateError `conflict`
 */
export function assertStillLive(
  { alreadyLive }: Pick<Policy, 'alreadyLive'>,
  evidence: readonly Evidence[],
  { image }: Pick<Target, 'image'>,
  destinations: readonly LiveDestination[],
): void {
  if (alreadyLive !== 'report') return;
  for (const one of evidence) {
    if (one.kind !== 'baseline' || !one.live) continue;
    const names = new Set(one.live.map(({ repository }) => repository));
    const missed = destinations.find(({ registry }) => !names.has(formatRepository(registry)));
    if (missed) {
      const why = `The image was compared with ${namesOf(one.live)}, but not with that of ${missed.registry.name}.`;
      throw new TidegateError('baseline-moved', why, { next: SCAN_AGAIN });
    }
    for (const live of one.live) assertUnmoved(live, image.root.digest, destinations);
  }
}

interface LiveDestination {
  readonly registry: Registry;
  readonly before: TagsBefore;
}

const SCAN_AGAIN =
  'Scan again, with the tags and the destinations of this push: in the reusable workflow, re-run all jobs.';

function assertUnmoved(live: LiveTag, published: Digest, destinations: readonly LiveDestination[]): void {
  const { repository, tag, digest } = live;
  const compared = `The image was compared with ${nameOf(live)}`;
  const destination = destinations.find(({ registry }) => formatRepository(registry) === repository);
  if (!destination?.before.has(tag)) {
    throw new TidegateError('baseline-moved', `${compared}, but this push does not set that tag.`, {
      next: SCAN_AGAIN,
    });
  }
  const now = destination.before.get(tag);
  if (now === digest || now === published) return;
  throw new TidegateError('baseline-moved', `${compared}, but the tag now points to ${now ?? 'nothing'}.`, {
    next: SCAN_AGAIN,
  });
}
