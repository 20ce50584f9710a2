import type { PublicKey } from '@tidegate/attest';
import { type Descriptor, type Digest, type Image, messageOf, TidegateError } from '@tidegate/core';
import { type CopyReport, copyBlobs, copyManifests, type Registry } from '@tidegate/oci';
import { publishedReferrers } from '../evidence-store.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { together } from '../together.ts';
import { verifyPublished } from '../verify.ts';
import { currentDigest, type TagsBefore } from './preflight.ts';

export interface TagResult {
  readonly tag: string;
  readonly outcome: 'set' | 'moved' | 'unchanged';
  readonly from?: Digest;
}

export interface PushReport {
  readonly repository: string;
  readonly digest: Digest;
  readonly blobs: CopyReport;
  readonly manifests: number;
  readonly referrers: number;
  readonly tags: readonly TagResult[];
  readonly milliseconds: number;
}

export interface PublishOptions {
  readonly tags: readonly string[];
  readonly before: TagsBefore;
  /** What signatures are verified with when the image is read back; none when policy asks for no signature. */
  readonly publicKeys: readonly PublicKey[];
}

/** Configs and layers only. Nothing names them in the registry until `publish`, so this may run before the gate. */
export async function pushBlobs(
  target: Target,
  registry: Registry,
  services: Services,
  signal = services.signal,
): Promise<CopyReport> {
  const bar = services.progress.start(`Blobs to ${registry.name}`);
  try {
    const manifests = target.image.platforms.map((one) => one.descriptor);
    return await copyBlobs(target.layout, registry, manifests, { signal, onBytes: (bytes) => bar.advance(bytes) });
  } finally {
    bar.done();
  }
}

/**
 * Platform manifests, then the index by digest, then referrers; read back as a consumer would; tags one by one, last.
 * A failure before the tags leaves none; one between them names those that are set.
 */
export async function publish(
  target: Target,
  registry: Registry,
  blobs: CopyReport,
  options: PublishOptions,
  services: Services,
): Promise<PushReport> {
  const started = performance.now();
  const { image, layout } = target;
  const { signal } = services;
  const manifests = manifestsInOrder(image);
  const evidence = await publishedReferrers(target);
  const referrers = evidence.flatMap((one) => one.referrers);
  await together(signal, (inner) => [
    copyManifests(layout, registry, manifests, { signal: inner }),
    copyBlobs(layout, registry, referrers, { signal: inner }),
  ]);
  // Side by side over subjects, one after the other within one: a registry without the referrers API keeps them in
  // one list per subject.
  await together(signal, (inner) =>
    evidence.map((one) => copyManifests(layout, registry, one.referrers, { signal: inner })),
  );
  await verifyPublished(target, registry, referrers, options.publicKeys, services);
  const tags = await setTags(registry, image.root, options, services);
  return {
    repository: registry.name,
    digest: image.root.digest,
    blobs,
    manifests: manifests.length,
    referrers: referrers.length,
    tags,
    milliseconds: performance.now() - started,
  };
}

/** Children before the index that names them. */
function manifestsInOrder(image: Image): readonly Descriptor[] {
  const children = image.platforms.map((one) => one.descriptor).filter((d) => d.digest !== image.root.digest);
  return [...children, image.root];
}

async function setTags(
  registry: Registry,
  root: Descriptor,
  options: PublishOptions,
  services: Services,
): Promise<readonly TagResult[]> {
  const done: TagResult[] = [];
  for (const tag of options.tags) {
    try {
      done.push(await setTag(registry, root, tag, options.before.get(tag), services));
    } catch (cause) {
      const set = done.map((result) => result.tag).join(', ') || 'none';
      throw new TidegateError('conflict', `Tag ${tag} was not set: ${messageOf(cause)} Tags set before it: ${set}.`, {
        next: 'Run again: what is there is not sent twice.',
        cause,
      });
    }
    services.log.info(`Tag ${tag}: ${done.at(-1)?.outcome}.`);
  }
  return done;
}

async function setTag(
  registry: Registry,
  root: Descriptor,
  tag: string,
  before: Digest | undefined,
  services: Services,
): Promise<TagResult> {
  const now = await currentDigest(registry, tag, services.signal);
  if (now === root.digest) return { tag, outcome: 'unchanged' };
  if (now !== before) {
    throw new TidegateError(
      'conflict',
      `somebody moved it from ${before ?? 'nothing'} to ${now ?? 'nothing'} meanwhile.`,
    );
  }
  await registry.tag(root, tag, { signal: services.signal });
  const after = await currentDigest(registry, tag, services.signal);
  if (after !== root.digest) {
    throw new TidegateError('conflict', `it reads back as ${after ?? 'nothing'}.`);
  }
  return before === undefined ? { tag, outcome: 'set' } : { tag, outcome: 'moved', from: before };
}
