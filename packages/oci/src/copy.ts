import { badInput, type Descriptor, type Digest, hasCode } from '@tidegate/core';
import { eachConcurrently, mapConcurrently } from './concurrent.ts';
import {
  AT_ONCE,
  blobsIn,
  callOf,
  type Graph,
  levelsOf,
  type Node,
  readEach,
  walk,
  walkReferrers,
} from './copy-graph.ts';
import { type CopyEvent, type CopyReport, Tally } from './copy-report.ts';
import { ImageLayout } from './layout.ts';
import { Registry } from './registry.ts';
import type { CallOptions, Content, Listed, Reads, Store } from './store.ts';
import { type Survey, survey } from './survey.ts';
import { contentOfBytes, skipping } from './verified.ts';

/**
 * So many blobs more than may be sent at once are under way: these are asked for and get their uploads opened meanwhile.
 * On a narrow line such questions queue behind the bodies, and it would stand idle after each wave of them.
 */
const AHEAD = 4;
/** Between two folders of one machine more would only take turns at its disk. */
const LOCAL_CONCURRENCY = 4;

/**
 * A blob from this size on fills its connection's width: what more of them bring at the same time lies about in the
 * kernel until it is out of the processor's caches. Bytes.
 */
const LARGE = 8 * 1024 * 1024;
/** What a large blob that is read counts for. */
const LARGE_WEIGHT = 3;

export interface CopyOptions extends CallOptions {
  /** Bytes as they move. Never more than a blob's size, however often it had to be sent again. */
  readonly onBytes?: (bytes: number) => void;
  readonly onEvent?: (event: CopyEvent) => void;
  /** Blobs on their way at the same time (default: as the registry keeps up, between 4 and 64). */
  readonly concurrency?: number;
  /** Repositories on the target's registry that may hold the blobs already. */
  readonly mountFrom?: readonly string[];
  /**
   * Called with a promise for each referrer in a list that other clients write too: the copy then ends when the lists
   * are written, and the promise when this entry was seen to stay, or was not. Default: the copy waits for all.
   */
  readonly onSettling?: (stays: Promise<void>) => void;
}

/** The configs and layers of these manifests (and of the manifests of these indexes), each digest once. */
export async function copyBlobs(
  source: Store,
  target: Store,
  manifests: readonly Descriptor[],
  options: CopyOptions = {},
): Promise<CopyReport> {
  const graph = await walk(source, manifests, options);
  return expectingReads(source, target, blobsIn(graph.values()), async (reads) => {
    const there = await survey(target, graph, options);
    const tally = new Tally();
    await sendBlobs(source, target, missingBlobs(graph, there, tally), tally, options, reads);
    return tally.report();
  });
}

/** These manifests and indexes, children before parents and subjects before referrers, whatever order they are given in. */
export async function copyManifests(
  source: Store,
  target: Store,
  descriptors: readonly Descriptor[],
  options: CopyOptions = {},
): Promise<CopyReport> {
  const graph = await readEach(source, descriptors, options);
  const tally = new Tally();
  await sendManifests(source, target, graph, await survey(target, graph, options), tally, options);
  return tally.report();
}

export interface CopyReferrersOptions extends CopyOptions {
  /** Which to take; what refers to a referrer that was left out is left out too. */
  readonly filter?: (referrer: Descriptor) => boolean;
}

/** What refers to `subject`, and what refers to that. @returns counts over all of it */
export async function copyReferrers(
  source: Store,
  target: Store,
  subject: Digest,
  options: CopyReferrersOptions = {},
): Promise<CopyReport & { readonly referrers: readonly Descriptor[] }> {
  const graph = await walkReferrers(source, [subject], options.filter, options);
  const there = await survey(target, graph, options);
  const tally = new Tally();
  await sendBlobs(source, target, missingBlobs(graph, there, tally), tally, options);
  await sendManifests(source, target, graph, there, tally, options);
  return { ...tally.report(), referrers: [...graph.values()].map(({ descriptor }) => descriptor) };
}

export interface CopyGraphOptions extends CopyReferrersOptions {
  /** Take the referrers of every manifest along (default true). */
  readonly referrers?: boolean;
  /** Point at the one root once all is there, the first one first. One that is right already is left alone. */
  readonly tags?: readonly string[];
}

/**
 * Whole images from one store to another: all blobs, then manifests from the leaves up, then referrers. Each digest
 * goes once, however many of the images name it. What the target has already costs one look at it. Tags of the source
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
  return expectingReads(source, target, blobs, async (reads) => {
    let referrers: Graph = new Map();
    const findReferrers = async (signal: AbortSignal): Promise<void> => {
      if (options.referrers === false) return;
      referrers = await walkReferrers(source, images.keys(), options.filter, { signal });
    };
    // Nothing is asked of a layout before: what is known to be missed there comes while the rest is being found out.
    const early = target instanceof ImageLayout ? blobs : [];
    const sendEarly = (signal: AbortSignal): Promise<void> =>
      sendBlobs(source, target, early, tally, { ...options, signal }, reads);
    await eachConcurrently(
      [sendEarly, findReferrers],
      () => 2,
      options.signal,
      (work, signal) => work(signal),
    );
    const graph: Graph = new Map([...images, ...referrers]);
    let there: Survey = { present: new Set(), asked: false };
    let before: Tags = new Map();
    const look = async (signal: AbortSignal): Promise<void> => {
      there = await survey(target, graph, { signal });
    };
    const lookAtTags = async (signal: AbortSignal): Promise<void> => {
      before = await tagsAt(target, options.tags, { signal });
    };
    await eachConcurrently(
      [look, lookAtTags],
      () => 2,
      options.signal,
      (work, signal) => work(signal),
    );
    const came = new Set(early.map(({ digest }) => digest));
    const late = missingBlobs(graph, there, tally).filter(({ digest }) => !came.has(digest));
    await sendBlobs(source, target, late, tally, options, reads);
    await sendManifests(source, target, images, there, tally, options);
    // A layout's images are found through its index.json, by a tag or as an entry without one.
    if (target instanceof ImageLayout && before.size === 0) for (const root of roots) await target.add(root);
    await sendManifests(source, target, referrers, there, tally, options);
    await setTags(source, target, roots, images, before, options);
    return tally.report();
  });
}

/** The source is told as soon as it is known what is to come: threads take their time to start. */
async function expectingReads<T>(
  source: Store,
  target: Store,
  blobs: readonly Descriptor[],
  work: (reads: Reads | undefined) => Promise<T>,
): Promise<T> {
  const reads = target instanceof ImageLayout ? source.expectReads?.(blobs) : undefined;
  try {
    return await work(reads);
  } finally {
    reads?.over();
  }
}

/** Where each tag points now; undefined where it is not there. */
type Tags = ReadonlyMap<string, Digest | undefined>;

async function tagsAt(target: Store, tags: readonly string[] = [], options: CallOptions): Promise<Tags> {
  const found = await mapConcurrently(tags, AT_ONCE, options.signal, async (tag, signal) => {
    const digest = await target.resolve(tag, { signal }).then(
      (descriptor) => descriptor.digest,
      (error: unknown) => {
        if (hasCode(error, 'not-found')) return undefined;
        throw error;
      },
    );
    return [tag, digest] as const;
  });
  return new Map(found);
}

async function setTags(
  source: Store,
  target: Store,
  roots: readonly Descriptor[],
  images: Graph,
  before: Tags,
  options: CopyGraphOptions,
): Promise<void> {
  const [root, ...others] = roots;
  if (before.size === 0) return;
  if (!root || others.length > 0) {
    throw badInput('tags', [...before.keys()].join(', '), 'tags of one image', 'Copy images that get tags one by one.');
  }
  for (const [tag, from] of before) {
    if (from === root.digest) continue;
    if (target instanceof Registry) {
      const bytes = await bytesOf(source, images.get(root.digest) ?? { descriptor: root }, callOf(options));
      await target.tag(root, tag, { ...callOf(options), bytes, from: from ?? 'nothing' });
    } else await target.tag(root, tag, callOf(options));
  }
}

/** Those of manifests that are not there; the others are counted as skipped. */
function missingBlobs(graph: Graph, there: Survey, tally: Tally): readonly Descriptor[] {
  const missing = blobsIn([...graph.values()].filter(({ descriptor }) => !there.present.has(descriptor.digest)));
  tally.skip(blobsIn(graph.values()).length - missing.length);
  return missing;
}

async function sendBlobs(
  source: Store,
  target: Store,
  queue: readonly Descriptor[],
  tally: Tally,
  options: CopyOptions,
  reads?: Reads,
): Promise<void> {
  if (queue.length === 0) return;
  const { onBytes, onEvent } = options;
  onEvent?.({ kind: 'planned', blobs: queue.length, bytes: queue.reduce((sum, { size }) => sum + size, 0) });
  const mountFrom = mountable(source, target, options.mountFrom);
  // Of what is sent the registry says how many it takes, whatever their size.
  const sending = options.concurrency !== undefined || target.uploads !== undefined;
  const limit = (): number => {
    if (options.concurrency !== undefined) return options.concurrency;
    if (target.uploads !== undefined) return target.uploads + AHEAD;
    return reads?.atOnce ?? source.concurrency ?? LOCAL_CONCURRENCY;
  };
  const weight = ({ size }: Descriptor): number => (sending || size < LARGE || reads?.atOnce ? 1 : LARGE_WEIGHT);
  const copyOne = async (descriptor: Descriptor, signal: AbortSignal): Promise<void> => {
    let moved = 0;
    let resumed = false;
    const outcome = await target.push(descriptor, contentOf(source, descriptor, signal), {
      signal,
      mountFrom,
      onBytes: (bytes) => {
        moved += bytes;
        onBytes?.(bytes);
        onEvent?.({ kind: 'progress', descriptor, moved });
      },
      onResume: (offset) => {
        resumed = true;
        onEvent?.({ kind: 'resumed', descriptor, offset });
      },
    });
    tally.add(outcome, descriptor, resumed);
    onEvent?.({ kind: 'blob', descriptor, outcome });
  };
  await eachConcurrently(queue, limit, options.signal, copyOne, weight);
}

async function sendManifests(
  source: Store,
  target: Store,
  graph: Graph,
  there: Survey,
  tally: Tally,
  options: CopyOptions,
): Promise<void> {
  const limit = (): number => target.concurrency ?? LOCAL_CONCURRENCY;
  const listing: Listed[] = [];
  try {
    for (const level of levelsOf(graph)) {
      const subjects = new Set(level.flatMap(({ manifest }) => manifest.subject?.digest ?? []));
      const arrived = [...subjects].map((subject) => target.expectReferrers?.(subject));
      try {
        await eachConcurrently(level, limit, options.signal, async (node, signal) => {
          const { descriptor } = node;
          const outcome = there.present.has(descriptor.digest)
            ? 'present'
            : await target.push(descriptor, contentOfBytes(await bytesOf(source, node, { signal })), {
                signal,
                absent: there.asked,
                onListing: (listed) => listing.push(listed),
              });
          tally.add(outcome, descriptor);
          options.onEvent?.({ kind: 'manifest', descriptor, outcome });
        });
      } finally {
        for (const all of arrived) all?.();
      }
    }
    await Promise.all(listing.map((one) => (options.onSettling ? one.written : one.stays)));
  } catch (error) {
    await Promise.allSettled(listing.map(({ stays }) => stays));
    throw error;
  }
  for (const { stays } of listing) options.onSettling?.(stays);
}

async function bytesOf(
  source: Store,
  { bytes, descriptor }: Pick<Node, 'bytes' | 'descriptor'>,
  options: CallOptions,
): Promise<Uint8Array> {
  return bytes ?? source.fetchBytes(descriptor, options);
}

/** Raw where the source can start anywhere, since every push hashes what it sends; verified and skipped otherwise. */
function contentOf(source: Store, descriptor: Descriptor, signal: AbortSignal): Content {
  if (source.content) return source.content(descriptor, { signal });
  return {
    open: (offset = 0) => skipping(source.fetch(descriptor, { signal }), offset),
  };
}

function mountable(source: Store, target: Store, named: readonly string[] = []): readonly string[] {
  const near = source instanceof Registry && target instanceof Registry && source.registry === target.registry;
  return near && source.repository !== target.repository ? [...new Set([source.repository, ...named])] : named;
}
