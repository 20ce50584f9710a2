import type { Descriptor } from '@tidegate/core';
import { eachConcurrently } from '../http/concurrent.ts';
import { Registry } from '../registry/registry.ts';
import type { CallOptions, Content, Listed, Store } from '../store.ts';
import { contentOfBytes, skipping } from '../verified.ts';
import type { ExistenceCheck } from './existence-check.ts';
import { blobsIn, bytesOf, type Graph, levelsOf } from './graph.ts';
import type { CopyEvent, Tally } from './report.ts';

/**
 * So many blobs more than may be sent at once are under way: these are asked for and get their uploads opened meanwhile.
 * On a narrow line such questions queue behind the bodies, and it would stand idle after each wave of them.
 */
const AHEAD = 4;
/** Between two folders of one machine more would only take turns at its disk. */
const LOCAL_CONCURRENCY = 4;

export interface CopyOptions extends CallOptions {
  /** Bytes as they move. Never more than a blob's size, however often it had to be sent again. */
  readonly onBytes?: (bytes: number) => void;
  readonly onEvent?: (event: CopyEvent) => void;
  /** Blobs on their way at the same time (default: as the registry keeps up, between 4 and 64). */
  readonly concurrency?: number;
  /**
   * Called with a promise for each referrer in a list that other clients write too: the copy then ends when the lists
   * are written, and the promise when this entry was seen to stay, or was not. Default: the copy waits for all.
   */
  readonly onSettling?: (stays: Promise<void>) => void;
}

/** Those of manifests that are not there; the others are counted as skipped. */
export function missingBlobs(graph: Graph, there: ExistenceCheck, tally: Tally): readonly Descriptor[] {
  const missing = blobsIn([...graph.values()].filter(({ descriptor }) => !there.present.has(descriptor.digest)));
  tally.skip(blobsIn(graph.values()).length - missing.length);
  return missing;
}

/** `queue` as it is, side by side. */
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

/** Level by level, and the lists of referrers that are written meanwhile. */
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

/** Raw where the source can start anywhere, since every push hashes what it sends; verified and skipped otherwise. */
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
