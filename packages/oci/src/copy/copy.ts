import { type Descriptor, type Digest, together } from '@tidegate/core';
import { ImageLayout } from '../layout/layout.ts';
import type { Store } from '../store.ts';
import { checkExistence } from './existence-check.ts';
import { blobsIn, type Graph, readEach, walk, walkReferrers } from './graph.ts';
import { type CopyReport, Tally } from './report.ts';
import { type CopyOptions, missingBlobs, sendBlobs, sendManifests } from './send.ts';

/** Copy the configs and layers of these manifests (and of the manifests of these indexes), each digest once. */
export async function copyBlobs(
  source: Store,
  target: Store,
  manifests: readonly Descriptor[],
  options: CopyOptions = {},
): Promise<CopyReport> {
  const graph = await walk(source, manifests, options);
  const there = await checkExistence(target, graph, options);
  const tally = new Tally();
  await sendBlobs(source, target, missingBlobs(graph, there, tally), tally, options);
  return tally.report();
}

/** Copy these manifests and indexes, in any given order: children before parents, subjects before referrers. */
export async function copyManifests(
  source: Store,
  target: Store,
  descriptors: readonly Descriptor[],
  options: CopyOptions = {},
): Promise<CopyReport> {
  const graph = await readEach(source, descriptors, options);
  const tally = new Tally();
  await sendManifests(source, target, graph, await checkExistence(target, graph, options), tally, options);
  return tally.report();
}

export interface CopyReferrersOptions extends CopyOptions {
  /** Selects referrers. Referrers of an excluded referrer are excluded too. */
  readonly filter?: (referrer: Descriptor) => boolean;
}

/** Copy the referrers of `subject`, recursively. @returns counts over all of them */
export async function copyReferrers(
  source: Store,
  target: Store,
  subject: Digest,
  options: CopyReferrersOptions = {},
): Promise<CopyReport & { readonly referrers: readonly Descriptor[] }> {
  const graph = await walkReferrers(source, [subject], options.filter, options);
  const there = await checkExistence(target, graph, options);
  const tally = new Tally();
  await sendBlobs(source, target, missingBlobs(graph, there, tally), tally, options);
  await sendManifests(source, target, graph, there, tally, options);
  return { ...tally.report(), referrers: [...graph.values()].map(({ descriptor }) => descriptor) };
}

export interface CopyGraphOptions extends CopyReferrersOptions {
  /** Copy the referrers of every manifest too (default true). */
  readonly referrers?: boolean;
}

/**
 * Copy whole images from one store to another: all blobs, then manifests from the leaves up, then referrers. Each
 * digest is copied once, even if several images contain it. Content that the target already has costs one check. Tags
 * are not copied.
 */
export async function copy(
  source: Store,
  target: Store,
  roots: readonly Descriptor[],
  options: CopyGraphOptions = {},
): Promise<CopyReport> {
  const tally = new Tally();
  const images = await walk(source, roots, options);
  const blobs = blobsIn(images.values());
  const findReferrers = async (signal: AbortSignal): Promise<Graph> => {
    return options.referrers === false ? new Map() : walkReferrers(source, images.keys(), options.filter, { signal });
  };
  // A layout needs no existence check: send known blobs while the referrers are being listed.
  const early = target instanceof ImageLayout ? blobs : [];
  const sendEarly = (signal: AbortSignal): Promise<void> =>
    sendBlobs(source, target, early, tally, { ...options, signal });
  const [, referrers] = await together<[unknown, Graph]>(options.signal, (signal) => [
    sendEarly(signal),
    findReferrers(signal),
  ]);
  const graph: Graph = new Map([...images, ...referrers]);
  const there = await checkExistence(target, graph, options);
  const came = new Set(early.map(({ digest }) => digest));
  const late = missingBlobs(graph, there, tally).filter(({ digest }) => !came.has(digest));
  await sendBlobs(source, target, late, tally, options);
  await sendManifests(source, target, images, there, tally, options);
  // A layout's images are found through its index.json.
  if (target instanceof ImageLayout) for (const root of roots) await target.add(root);
  await sendManifests(source, target, referrers, there, tally, options);
  return tally.report();
}
