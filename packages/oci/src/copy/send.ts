import type { Descriptor } from '@tidegate/core';
import { eachConcurrently } from '../http/concurrent.ts';
import { Registry } from '../registry/registry.ts';
import type { CallOptions, Content, Listed, Store } from '../store.ts';
import { contentOfBytes, skipping } from '../verified.ts';
import type { ExistenceCheck } from './existence-check.ts';
import { blobsIn, bytesOf, type Graph, levelsOf } from './graph.ts';
import type { CopyEvent, Tally } from './report.ts';

/**
 * Number of blobs processed beyond the upload limit: they are checked and their uploads are opened ahead of time. On a
 * slow line these requests queue behind the bodies, and the line would be idle after each wave.
 */
const AHEAD = 4;
/** Concurrency between two local folders: more would only compete for the disk. */
const LOCAL_CONCURRENCY = 4;

export interface CopyOptions extends CallOptions {
  /** Called with transferred bytes. The total never exceeds a blob's size, even if parts are sent again. */
  readonly onBytes?: (bytes: number) => void;
  readonly onEvent?: (event: CopyEvent) => void;
  /** Number of concurrent blob transfers (default: adapted to the registry, between 4 and 64). */
  readonly concurrency?: number;
  /**
   * Called with a promise for each referrer in a list that other clients also write. The copy then returns when the
   * lists are written; the promise settles when the entry has settled or was lost. Default: the copy waits for all.
   */
  readonly onSettling?: (stays: Promise<void>) => void;
}

/** The blobs of missing manifests; all others are counted as skipped. */
export function missingBlobs(graph: Graph, there: ExistenceCheck, tally: Tally): readonly Descriptor[] {
  const missing = blobsIn([...graph.values()].filter(({ descriptor }) => !there.present.has(descriptor.digest)));
  tally.skip(blobsIn(graph.values()).length - missing.length);
  return missing;
}

/** Send the blobs in `queue` concurrently, in this order. */
export async function sendBlobs(
  source: Store,
  target: Store,
  queue: readonly Descriptor[],
  tally: Tally,
  options: CopyOptions,
): Promise<void> {
  if (queue.length === 0) return;
  const { onBytes, onEvent } = options;
  onEvent?.({ kind: 'planned', blobs: queue.length, bytes: queue.reduce((sum, { size }) => sum + size, 0) });
  const mountFrom = mountable(source, target);
  const limit = (): number => {
    if (options.concurrency !== undefined) return options.concurrency;
    if (target.uploads !== undefined) return target.uploads + AHEAD;
    return source.concurrency ?? LOCAL_CONCURRENCY;
  };
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
  await eachConcurrently(queue, limit, options.signal, copyOne);
}

/** Send manifests level by level, and wait for the lists of referrers that are written meanwhile. */
export async function sendManifests(
  source: Store,
  target: Store,
  graph: Graph,
  there: ExistenceCheck,
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
                absent: there.checked,
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

/**
 * Unverified content if the source supports offsets, because every push hashes what it sends; otherwise verified
 * content with the offset skipped.
 */
function contentOf(source: Store, descriptor: Descriptor, signal: AbortSignal): Content {
  if (source.content) return source.content(descriptor, { signal });
  return {
    open: (offset = 0) => skipping(source.fetch(descriptor, { signal }), offset),
  };
}

function mountable(source: Store, target: Store): readonly string[] {
  const near = source instanceof Registry && target instanceof Registry && source.registry === target.registry;
  return near && source.repository !== target.repository ? [source.repository] : [];
}
