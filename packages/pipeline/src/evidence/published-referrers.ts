import type { Trust } from '@tidegate/attest';
import {
  type Descriptor,
  type Digest,
  formatRepository,
  MediaType,
  manifestsOf,
  type Repository,
} from '@tidegate/core';
import type { Target } from '../target.ts';
import { readOne } from './store.ts';

/** Referrers to push: every bundle, and unsigned statements. syft-json is never pushed. */
export async function publishedReferrers(target: Target): Promise<readonly Descriptor[]> {
  return (await referrersBySubject(target)).flatMap((one) => one.referrers);
}

async function referrersBySubject({ image, layout }: Target) {
  return Promise.all(
    manifestsOf(image).map(async ({ digest: subject }) => {
      const bundles = await layout.referrers(subject, MediaType.bundle);
      const signed = new Set(bundles.map((one) => one.annotations?.['dev.sigstore.bundle.predicateType']));
      const statements = await layout.referrers(subject, MediaType.inToto);
      const unsigned = statements.filter((one) => !signed.has(one.annotations?.['in-toto.io/predicate-type']));
      return { subject, referrers: [...bundles, ...unsigned] };
    }),
  );
}

/**
 * Referrers to push to one of several destinations: all but the verdicts for the others. Some consumers reject an image
 * that has a verdict for another repository: Kyverno applies its conditions to every statement of a type.
 */
export async function referrersFor(
  destination: Repository,
  others: readonly Repository[],
  target: Target,
  trust: Trust,
): Promise<readonly Descriptor[]> {
  if (others.length === 0) return publishedReferrers(target);
  const own = formatRepository(destination);
  const foreign = new Set(others.map(formatRepository).filter((name) => name !== own));
  const isForOther = async (referrer: Descriptor, subject: Digest) =>
    (await readOne(target, referrer, subject, trust)).some(
      (one) => one.kind === 'verdict' && one.destination !== undefined && foreign.has(one.destination),
    );
  const found = await Promise.all(
    (await referrersBySubject(target)).map(async ({ subject, referrers }) => {
      const others = await Promise.all(referrers.map((one) => isForOther(one, subject)));
      return referrers.filter((_one, at) => !others[at]);
    }),
  );
  return found.flat();
}
