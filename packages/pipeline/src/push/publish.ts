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
  /** Trust for the signatures when the image is read back; undefined when the policy requires no signature. */
  readonly trust: Trust;
}

/**
 * Configs and layers only. No manifest in the registry refers to them until `publish`, so this may run before the gate.
 */
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
 * Push platform manifests, then the index by digest, then referrers; read back like a consumer; set tags last, one by
 * one. A failure before the tags sets none; a failure between them lists those that were set.
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
  // Check manifests and evidence in the registry together: a push that changes nothing needs only this check.
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
 * If the list of referrers is a tag that other clients also write, it takes a while to detect an overwrite. Read back
 * meanwhile, and wait for both.
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
