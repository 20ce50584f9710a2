import type { Trust } from '@tidegate/attest';
import { type Digest, manifestsOf, mapEach, type OneOrMore } from '@tidegate/core';
import { type CopyReport, copy, copyBlobs, type Registry } from '@tidegate/oci';
import { referrersFor } from '../evidence/published-referrers.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { verifyPublished } from '../verify/verify.ts';
import { inEach } from './destinations.ts';
import { type SetTagsOptions, setTags, type TaggedRepository, type TagResult } from './tags.ts';

export interface PushReport {
  readonly repository: string;
  readonly digest: Digest;
  readonly blobs: CopyReport;
  readonly manifests: number;
  readonly referrers: number;
  readonly tags: readonly TagResult[];
  readonly milliseconds: number;
}

/** A destination whose blobs are in place. */
export interface Delivery extends TaggedRepository {
  readonly blobs: CopyReport;
}

export interface PublishOptions extends SetTagsOptions {
  /** Trust for the signatures when the image is read back; undefined when the policy requires no signature. */
  readonly trust: Trust;
  /** Work that must succeed before any tag is set: every destination has been read back. */
  readonly beforeTags?: ((target: Target, services: Services) => Promise<void>) | undefined;
}

/**
 * Configs and layers only. No manifest in the registry refers to them until `publish`, so this may run before the gate.
 */
export async function pushBlobs(target: Target, registry: Registry, services: Services): Promise<CopyReport> {
  const { signal } = services;
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
 * one, and only when every destination has everything. A failure before the tags sets none in any destination; a failure
 * between them lists those that were set.
 */
export async function publish(
  target: Target,
  deliveries: OneOrMore<Delivery>,
  options: PublishOptions,
  services: Services,
): Promise<OneOrMore<PushReport>> {
  const started = performance.now();
  const { image, layout } = target;
  const delivered = await inEach(deliveries, services, async (delivery, inner) => ({
    ...delivery,
    referrers: await deliver(target, delivery.registry, deliveries, options.trust, inner),
  }));
  await options.beforeTags?.(target, services);
  const tags = await setTags(delivered, image.root, await layout.fetchBytes(image.root), options, services);
  return mapEach(delivered, (one) => ({
    repository: one.registry.name,
    digest: image.root.digest,
    blobs: one.blobs,
    manifests: manifestsOf(image).length,
    referrers: one.referrers,
    tags: tags.get(one.registry) ?? [],
    milliseconds: performance.now() - started,
  }));
}

/** @returns the number of referrers that the destination has */
async function deliver(
  target: Target,
  registry: Registry,
  deliveries: OneOrMore<Delivery>,
  trust: Trust,
  services: Services,
): Promise<number> {
  const others = deliveries.flatMap((one) => (one.registry === registry ? [] : [one.registry]));
  const { image, layout } = target;
  const { signal } = services;
  const referrers = await referrersFor(registry, others, target, trust);
  const published = new Set(referrers.map((one) => one.digest));
  // Check manifests and evidence in the registry together: a push that changes nothing needs only this check.
  await settled(async (onSettling) => {
    await copy(layout, registry, [image.root], { signal, filter: ({ digest }) => published.has(digest), onSettling });
    await verifyPublished(target, registry, referrers, trust, services);
  });
  return referrers.length;
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
