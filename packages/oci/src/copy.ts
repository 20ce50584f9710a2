import { type Descriptor, type Digest, type Index, type Manifest, TidegateError } from '@tidegate/core';
import { eachConcurrently } from './concurrent.ts';
import { blobsOf, readManifest } from './image.ts';
import { ImageLayout } from './layout.ts';
import { Registry } from './registry.ts';
import type { CallOptions, Content, PushOutcome, Store } from './store.ts';
import { contentOfBytes, skipping } from './verified.ts';

/** Indexes of indexes, and referrers of referrers: no real image goes so deep. */
const DEPTH_LIMIT = 8;
const CONCURRENCY = 8;

export type CopyEvent =
  /** What the copy is going to look at; `bytes` is its size if none of it is there yet. */
  | { readonly kind: 'planned'; readonly blobs: number; readonly bytes: number }
  | { readonly kind: 'blob'; readonly descriptor: Descriptor; readonly outcome: PushOutcome }
  | { readonly kind: 'manifest'; readonly descriptor: Descriptor; readonly outcome: PushOutcome };

export interface CopyOptions extends CallOptions {
  /** Bytes as they move. Never more than a blob's size, however often it had to be sent again. */
  readonly onBytes?: (bytes: number) => void;
  readonly onEvent?: (event: CopyEvent) => void;
  /** Blobs on their way at the same time (default 8). */
  readonly concurrency?: number;
  /** Repositories on the target's registry that may hold the blobs already. */
  readonly mountFrom?: readonly string[];
}

/** Counts of blobs and manifests; `bytes` is what was sent. */
export interface CopyReport {
  readonly sent: number;
  readonly mounted: number;
  readonly skipped: number;
  readonly bytes: number;
}

/** The configs and layers of these manifests (and of the manifests of these indexes), each digest once. */
export async function copyBlobs(
  source: Store,
  target: Store,
  manifests: readonly Descriptor[],
  options: CopyOptions = {},
): Promise<CopyReport> {
  const blobs = new Map<Digest, Descriptor>();
  for (const descriptor of manifests) {
    for (const { manifest } of await walk(source, descriptor, options)) {
      if (manifest.kind === 'manifest') for (const blob of blobsOf(manifest)) blobs.set(blob.digest, blob);
    }
  }
  // The largest first: what takes longest must not start last.
  const queue = [...blobs.values()].sort((a, b) => b.size - a.size);
  options.onEvent?.({ kind: 'planned', blobs: queue.length, bytes: queue.reduce((sum, { size }) => sum + size, 0) });
  const tally = new Tally();
  const mountFrom = mountable(source, target, options.mountFrom);
  await eachConcurrently(queue, options.concurrency ?? CONCURRENCY, options.signal, async (descriptor, signal) => {
    const outcome = await target.push(descriptor, contentOf(source, descriptor, signal), {
      signal,
      mountFrom,
      ...(options.onBytes ? { onBytes: options.onBytes } : {}),
    });
    tally.add(outcome, descriptor);
    options.onEvent?.({ kind: 'blob', descriptor, outcome });
  });
  return tally.report();
}

/** These manifests and indexes, one after the other in the order given: children before parents. */
export async function copyManifests(
  source: Store,
  target: Store,
  descriptors: readonly Descriptor[],
  options: CopyOptions = {},
): Promise<CopyReport> {
  const tally = new Tally();
  for (const descriptor of descriptors) {
    const bytes = await source.fetchBytes(descriptor, callOf(options));
    const outcome = await target.push(descriptor, contentOfBytes(bytes), callOf(options));
    tally.add(outcome, descriptor);
    options.onEvent?.({ kind: 'manifest', descriptor, outcome });
  }
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
  const { filter, ...copying } = options;
  const referrers = new Map<Digest, Descriptor>();
  const tally = new Tally();
  const follow = async (digest: Digest, depth: number): Promise<void> => {
    if (depth > DEPTH_LIMIT) throw tooDeep(source, digest);
    for (const referrer of await source.referrers(digest, undefined, callOf(options))) {
      if (referrers.has(referrer.digest) || filter?.(referrer) === false) continue;
      referrers.set(referrer.digest, referrer);
      const { mediaType, size } = referrer;
      const descriptor = { mediaType, digest: referrer.digest, size };
      tally.merge(await copyBlobs(source, target, [descriptor], copying));
      tally.merge(await copyManifests(source, target, [descriptor], copying));
      await follow(referrer.digest, depth + 1);
    }
  };
  await follow(subject, 1);
  return { ...tally.report(), referrers: [...referrers.values()] };
}

export interface CopyGraphOptions extends CopyReferrersOptions {
  /** Take the referrers of every manifest along (default true). */
  readonly referrers?: boolean;
}

/** Whole images from one store to another: blobs, manifests from the leaves up, referrers. Tags are not copied. */
export async function copy(
  source: Store,
  target: Store,
  roots: readonly Descriptor[],
  options: CopyGraphOptions = {},
): Promise<CopyReport> {
  const { referrers = true, filter, ...copying } = options;
  const tally = new Tally();
  tally.merge(await copyBlobs(source, target, roots, copying));
  const manifests = new Map<Digest, Descriptor>();
  for (const root of roots) {
    for (const { descriptor } of await walk(source, root, options)) manifests.set(descriptor.digest, descriptor);
  }
  tally.merge(await copyManifests(source, target, [...manifests.values()], copying));
  if (target instanceof ImageLayout) for (const root of roots) await target.add(root);
  if (referrers) {
    for (const digest of manifests.keys()) {
      tally.merge(await copyReferrers(source, target, digest, { ...copying, ...(filter ? { filter } : {}) }));
    }
  }
  return tally.report();
}

interface Node {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest | Index;
}

/** The manifests below and with `root`, children before parents, each once. */
async function walk(source: Store, root: Descriptor, options: CallOptions): Promise<readonly Node[]> {
  const nodes = new Map<Digest, Node>();
  const visit = async (descriptor: Descriptor, depth: number): Promise<void> => {
    if (nodes.has(descriptor.digest)) return;
    if (depth > DEPTH_LIMIT) throw tooDeep(source, descriptor.digest);
    const manifest = await readManifest(source, descriptor, callOf(options));
    if (manifest.kind === 'index') for (const child of manifest.manifests) await visit(child, depth + 1);
    nodes.set(descriptor.digest, { descriptor, manifest });
  };
  await visit(root, 1);
  return [...nodes.values()];
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

function tooDeep(source: Store, digest: Digest): TidegateError {
  return new TidegateError('integrity', `${source.name}: ${digest} lies more than ${DEPTH_LIMIT} levels deep.`, {
    next: 'No image is built so; see where it comes from.',
  });
}

function callOf(options: CallOptions): CallOptions {
  return options.signal ? { signal: options.signal } : {};
}

class Tally {
  #sent = 0;
  #mounted = 0;
  #skipped = 0;
  #bytes = 0;

  add(outcome: PushOutcome, descriptor: Descriptor): void {
    if (outcome === 'sent') {
      this.#sent += 1;
      this.#bytes += descriptor.size;
    } else if (outcome === 'mounted') this.#mounted += 1;
    else this.#skipped += 1;
  }

  merge(report: CopyReport): void {
    this.#sent += report.sent;
    this.#mounted += report.mounted;
    this.#skipped += report.skipped;
    this.#bytes += report.bytes;
  }

  report(): CopyReport {
    return { sent: this.#sent, mounted: this.#mounted, skipped: this.#skipped, bytes: this.#bytes };
  }
}
