import { type Descriptor, type Digest, isNonDistributable, mapLimited, TidegateError } from '@tidegate/core';
import { addBlobs, type ReadManifest, readManifestAndBytes } from '../image/image.ts';
import { ManifestBudget } from '../registry/manifest-budget.ts';
import type { CallOptions, Store } from '../store.ts';

/** Maximum depth of nested indexes and of referrers of referrers. No real image is so deep. */
const DEPTH_LIMIT = 8;
/**
 * Maximum number of concurrent reads: the pool has no more connections to a registry, and each read of a layout keeps a
 * file open.
 */
const CONCURRENCY = 64;

export interface Node extends ReadManifest {
  readonly descriptor: Descriptor;
}

export type Graph = ReadonlyMap<Digest, Node>;

/**
 * The manifests at and below the roots, children before parents, each once. Siblings are read concurrently.
 * @param budget shared by all of them, because manifests of a registry stay in memory until they are sent
 */
export async function walk(
  source: Store,
  roots: readonly Descriptor[],
  options: CallOptions,
  budget = new ManifestBudget(source.name),
): Promise<Graph> {
  const read = new Map<Digest, ReadManifest>();
  let level = roots;
  for (let depth = 1; level[0]; depth += 1) {
    if (depth > DEPTH_LIMIT) throw tooDeep(source, level[0].digest);
    const fresh = new Map<Digest, Descriptor>();
    for (const one of level) if (!read.has(one.digest) && !fresh.has(one.digest)) fresh.set(one.digest, one);
    for (const one of fresh.values()) budget.spend(one);
    const nodes = await readEach(source, [...fresh.values()], options);
    for (const [digest, node] of nodes) read.set(digest, node);
    level = [...nodes.values()].flatMap(({ manifest }) => (manifest.kind === 'index' ? manifest.manifests : []));
  }
  const nodes = new Map<Digest, Node>();
  const place = (descriptor: Descriptor): void => {
    if (nodes.has(descriptor.digest)) return;
    const { manifest, bytes } = read.get(descriptor.digest) as ReadManifest;
    if (manifest.kind === 'index') for (const child of manifest.manifests) place(child);
    nodes.set(descriptor.digest, { descriptor, manifest, bytes });
  };
  for (const root of roots) place(root);
  return nodes;
}

/** Read only these manifests, not their children. */
export async function readEach(
  source: Store,
  descriptors: readonly Descriptor[],
  options: CallOptions,
): Promise<Graph> {
  const read = async (descriptor: Descriptor, signal: AbortSignal): Promise<Node> => {
    return { descriptor, ...(await readManifestAndBytes(source, descriptor, { signal })) };
  };
  const nodes = await mapLimited(descriptors, CONCURRENCY, read, options.signal);
  return new Map(nodes.map((node) => [node.descriptor.digest, node]));
}

/**
 * The referrers of `subjects`, recursively, subjects before their referrers.
 * @param filter selects referrers; referrers of an excluded referrer are excluded too
 */
export async function walkReferrers(
  source: Store,
  subjects: Iterable<Digest>,
  filter: ((referrer: Descriptor) => boolean) | undefined,
  options: CallOptions,
): Promise<Graph> {
  const found = new Map<Digest, Node>();
  const budget = new ManifestBudget(source.name);
  let level = [...subjects];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > DEPTH_LIMIT + 1) throw tooDeep(source, level[0] as Digest);
    const list = (subject: Digest, signal: AbortSignal) => source.referrers(subject, undefined, { signal });
    const lists = await mapLimited(level, CONCURRENCY, list, options.signal);
    const fresh = new Map(lists.flat().map((referrer) => [referrer.digest, referrer]));
    for (const [digest, referrer] of fresh) {
      if (found.has(digest) || filter?.(referrer) === false) fresh.delete(digest);
    }
    if (depth > DEPTH_LIMIT && fresh.size > 0) throw tooDeep(source, [...fresh.keys()][0] as Digest);
    // Drop the annotations of the list: the manifest contains them.
    const plain = [...fresh.values()].map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
    for (const [digest, node] of await walk(source, plain, options, budget)) found.set(digest, node);
    level = [...fresh.keys()];
  }
  return found;
}

/**
 * Configs and layers of these manifests, each digest once, the largest first, so that the longest transfer does not
 * start last. Non-distributable layers are left out: clients pull them from their URLs.
 */
export function blobsIn(nodes: Iterable<Node>): readonly Descriptor[] {
  const blobs = new Map<Digest, Descriptor>();
  for (const { manifest } of nodes) {
    if (manifest.kind === 'manifest') addBlobs(blobs, manifest);
  }
  return [...blobs.values()].filter((blob) => !isNonDistributable(blob)).sort((a, b) => b.size - a.size);
}

/**
 * Group nodes into levels: nodes of a level can be sent concurrently after the previous level. Children before parents,
 * subjects before referrers.
 */
export function levelsOf(graph: Graph): readonly (readonly Node[])[] {
  const depths = new Map<Digest, number>();
  const depthOf = (digest: Digest): number => {
    const node = graph.get(digest);
    if (!node) return -1;
    const known = depths.get(digest);
    if (known !== undefined) return known;
    // Digests cannot form a cycle; this only guards the recursion.
    depths.set(digest, 0);
    const { manifest } = node;
    const below = manifest.kind === 'index' ? manifest.manifests.map((child) => child.digest) : [];
    if (manifest.subject) below.push(manifest.subject.digest);
    const depth = 1 + Math.max(-1, ...below.map(depthOf));
    depths.set(digest, depth);
    return depth;
  };
  const levels: Node[][] = [];
  for (const [digest, node] of graph) {
    const depth = depthOf(digest);
    levels[depth] = [...(levels[depth] ?? []), node];
  }
  return levels.filter((level) => level.length > 0);
}

export async function bytesOf(
  source: Store,
  { bytes, descriptor }: Pick<Node, 'bytes' | 'descriptor'>,
  options: CallOptions,
): Promise<Uint8Array> {
  return bytes ?? source.fetchBytes(descriptor, options);
}

export function callOf(options: CallOptions): CallOptions {
  return { signal: options.signal };
}

function tooDeep(source: Store, digest: Digest): TidegateError {
  return new TidegateError(
    'content-too-large',
    `${source.name}: ${digest} is nested more than ${DEPTH_LIMIT} levels deep.`,
    {
      next: 'Check where this image comes from: no real image is nested so deeply.',
    },
  );
}
