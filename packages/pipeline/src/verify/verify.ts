import { MAX_BUNDLE_BYTES, parseBundle, parseStatement, subjectMatches, type Trust } from '@tidegate/attest';
import {
  counted,
  type Descriptor,
  type Digest,
  MediaType,
  manifestsOf,
  mapLimited,
  TidegateError,
  together,
} from '@tidegate/core';
import { contentOfBytes, type Registry, readImage } from '@tidegate/oci';
import { contentOf, trustsNone } from '../evidence/store.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { signedEvidence } from './signed-evidence.ts';

/**
 * Read a pushed image back like a client that has only its digest: the root, every platform's manifest, and every
 * referrer, as listed by the registry. Evidence that the registry accepted but does not list is sent again.
 * @throws TidegateError `integrity` or `signature`; no tag has been set yet, and none will be.
 */
export async function verifyPublished(
  target: Target,
  registry: Registry,
  referrers: readonly Descriptor[],
  trust: Trust,
  services: Pick<Services, 'signal' | 'log'>,
): Promise<void> {
  const subjects = manifestsOf(target.image).map(({ digest }) => digest);
  await together(services.signal, (signal) => [
    verifyImage(target, registry, signal),
    verifyReferrers(target, registry, subjects, referrers, trust, signal),
  ]);
  services.log.info(
    `Read back ${counted(subjects.length, 'manifest')} and ${counted(referrers.length, 'referrer')} from ${registry.name}.`,
  );
}

async function verifyImage({ image }: Target, registry: Registry, signal: AbortSignal): Promise<void> {
  const root = await registry.resolve(image.root.digest, { signal });
  const there = await readImage(registry, root, { signal, attestations: true });
  const sent = image.platforms.map((one) => one.descriptor.digest).toSorted();
  const found = there.platforms.map((one) => one.descriptor.digest).toSorted();
  if (root.digest !== image.root.digest || found.join() !== sent.join()) {
    throw new TidegateError(
      'registry-content-wrong',
      `${registry.name}@${image.root.digest} has other platforms after the push than were sent.`,
    );
  }
}

async function verifyReferrers(
  target: Target,
  registry: Registry,
  subjects: readonly Digest[],
  referrers: readonly Descriptor[],
  trust: Trust,
  signal: AbortSignal,
): Promise<void> {
  const missing = new Set<Digest>(referrers.map((one) => one.digest));
  for (let round = 0; missing.size > 0 && round < ROUNDS; round += 1) {
    if (round > 0) await sendAgain(target, registry, missing, signal);
    await mapLimited(subjects, subjects.length, async (subject) => {
      const listed = await registry.referrers(subject, undefined, { signal });
      const ours = listed.filter((one) => missing.has(one.digest));
      await mapLimited(ours, AT_ONCE, (one) => verifyReferrer(target, registry, one, subject, trust));
      for (const one of ours) missing.delete(one.digest);
    });
  }
  if (missing.size > 0) {
    throw new TidegateError(
      'evidence-not-listed',
      `${registry.name} accepted evidence that it does not list as referrers (${counted(missing.size, 'piece')}).`,
      {
        next: 'Run again. If it still fails, the registry loses referrers: check its documentation on the OCI 1.1 referrers API.',
      },
    );
  }
}

/** Number of referrers of one manifest that are read concurrently. */
const AT_ONCE = 32;
/** Number of reads of the lists before evidence counts as lost. */
const ROUNDS = 3;

/**
 * A registry that updates its list of referrers by reading and writing it can lose entries when several arrive at once
 * (olareg 0.1.2 sometimes does). The manifest exists but is not listed. Sending it again, one at a time, adds it to the
 * list.
 */
async function sendAgain(
  { layout }: Target,
  registry: Registry,
  missing: ReadonlySet<Digest>,
  signal: AbortSignal,
): Promise<void> {
  for (const digest of missing) {
    const descriptor = await layout.resolve(digest);
    const bytes = await layout.fetchBytes(descriptor);
    await registry.push(descriptor, contentOfBytes(bytes), { absent: true, signal });
  }
}

async function verifyReferrer(
  target: Target,
  registry: Registry,
  referrer: Descriptor,
  subject: Digest,
  trust: Trust,
): Promise<void> {
  const { content, manifest } = await contentOf(registry, referrer);
  if (manifest.subject?.digest !== subject) {
    throw new TidegateError(
      'registry-content-wrong',
      `${registry.name} lists ${referrer.digest} as a referrer of ${subject}, but it is not one.`,
    );
  }
  const bytes = await registry.fetchBytes(content, { limit: MAX_BUNDLE_BYTES });
  // The gate has verified exactly these bytes: their digest was checked again while they were read.
  if (target.evidence.verified(subject, content.digest, trust) && !target.evidence.isUnread(content.digest)) return;
  if (manifest.artifactType === MediaType.bundle && !trustsNone(trust)) {
    signedEvidence(target.evidence, subject, parseBundle(bytes), trust);
  } else if (manifest.artifactType === MediaType.inToto && !subjectMatches(parseStatement(bytes), subject)) {
    throw new TidegateError(
      'registry-content-wrong',
      `${referrer.digest} in ${registry.name} contains a statement about another image.`,
    );
  }
}
