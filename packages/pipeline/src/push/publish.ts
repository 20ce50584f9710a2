import type { Trust } from '@tidegate/attest';
import { type Digest, manifestsOf } from '@tidegate/core';
import { type CopyReport, copy, copyBlobs, type Registry } from '@tidegate/oci';
import { publishedReferrers } from '../evidence/store.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { verifyPublished } from '../verify/verify.ts';
import { type SetTagsOptions, setTags, type TagResult } from './tags.ts';

export interface PushReport {
  readonly repository: string;
  readonly digest: Digest;
  readonly blobs: CopyReport;
  readonly manifests: number;
  readonly referrers: number;
  readonly tags: readonly TagResult[];
  readonly milliseconds: number;
}

export interface PublishOptions extends SetTagsOptions {
  /** What signatures are verified with when the image is read back; none when policy asks for no signature. */
  readonly trust: Trust;
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
  const referrers = (await publishedReferrers(target)).flatMap((one) => one.referrers);
  const published = new Set(referrers.map((one) => one.digest));
  // One look at the registry for manifests and evidence together: of a push that changes nothing it is the whole push.
  await settled(async (onSettling) => {
    await copy(layout, registry, [image.root], { signal, filter: ({ digest }) => published.has(digest), onSettling });
    await verifyPublished(target, registry, referrers, options.trust, services);
  });
  const tags = await setTags(registry, image.root, await layout.fetchBytes(image.root), options, services);
  return {
    repository: registry.name,
    digest: image.root.digest,
    blobs,
    manifests: manifestsOf(image).length,
    referrers: referrers.length,
    tags,
    milliseconds: performance.now() - started,
  };
}

/**
 * Where the list of referrers is a tag that others write too, it takes a while to see that nobody wrote over it. Reading
 * back goes on meanwhile; whoever is last is waited for.
 */
async function settled(work: (onSettling: (stays: Promise<void>) => void) => Promise<void>): Promise<void> {
  const settling: Promise<void>[] = [];
  try {
    await work((stays) => {
      stays.catch(() => {});
      settling.push(stays);
    });
  } catch (error) {
    await Promise.allSettled(settling);
    throw error;
  }
  await Promise.all(settling);
}
