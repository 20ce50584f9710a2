import {
  artifactTypeOf,
  type Descriptor,
  type Digest,
  type Index,
  isDigest,
  isIndexType,
  type Manifest,
  TidegateError,
} from '@tidegate/core';
import { ManifestBudget } from '../registry/manifest-budget.ts';
import { REF_NAME } from './index-json.ts';

/** How deep indexes may nest when something is looked for by digest. */
const DEPTH_LIMIT = 4;

/** Reads and checks a manifest of the layout in question. */
type Read = (descriptor: Descriptor) => Promise<Manifest | Index>;

/** What a layout is of: the entries that are not referrers of something, each digest once. */
export async function rootsAmong(
  entries: readonly Descriptor[],
  read: Read,
  where: string,
): Promise<readonly Descriptor[]> {
  const roots: Descriptor[] = [];
  for (const entry of distinct(entries, where)) {
    const { subject } = await read(entry);
    if (!subject) roots.push(bare(entry));
  }
  return roots;
}

/** Each digest once: a few large manifests, named in turn by thousands of entries, would be read for minutes. */
function distinct(entries: readonly Descriptor[], where: string): readonly Descriptor[] {
  const budget = new ManifestBudget(where);
  return entries.filter((entry) => budget.spend(entry));
}

/** The entries whose `subject` it is, with their own artifactType and annotations. */
export async function referrersAmong(
  entries: readonly Descriptor[],
  subject: Digest,
  artifactType: string | undefined,
  read: Read,
  where: string,
): Promise<readonly Descriptor[]> {
  const budget = new ManifestBudget(where);
  const found = new Map<Digest, Descriptor>();
  for (const entry of entries) {
    if (!budget.spend(entry)) continue;
    const manifest = await read(entry);
    if (manifest.subject?.digest !== subject) continue;
    const type = artifactTypeOf(manifest);
    if (artifactType !== undefined && type !== artifactType) continue;
    found.set(entry.digest, {
      ...bare(entry),
      ...(type === undefined ? {} : { artifactType: type }),
      ...(manifest.annotations ? { annotations: manifest.annotations } : {}),
    });
  }
  return [...found.values()];
}

/** By tag, or by a digest that an entry has or an index among them names. @param where for messages */
export async function resolveAmong(
  entries: readonly Descriptor[],
  tagOrDigest: string,
  read: Read,
  where: string,
): Promise<Descriptor> {
  const found = isDigest(tagOrDigest)
    ? await findDigest(entries, tagOrDigest, read, new ManifestBudget(where), DEPTH_LIMIT)
    : findTag(entries, tagOrDigest, where);
  if (found) return bare(found);
  throw new TidegateError('not-found', `${where}: no ${JSON.stringify(tagOrDigest.slice(0, 128))} in it.`, {
    next: 'See index.json for what is there.',
  });
}

function findTag(entries: readonly Descriptor[], tag: string, where: string): Descriptor | undefined {
  const [first, ...others] = entries.filter((entry) => entry.annotations?.[REF_NAME] === tag);
  if (others.every((entry) => entry.digest === first?.digest)) return first;
  throw new TidegateError('layout', `${where}: the tag ${JSON.stringify(tag.slice(0, 128))} is there twice.`, {
    next: 'Name the image by its digest.',
  });
}

async function findDigest(
  entries: readonly Descriptor[],
  digest: Digest,
  read: Read,
  budget: ManifestBudget,
  depth: number,
): Promise<Descriptor | undefined> {
  const direct = entries.find((entry) => entry.digest === digest);
  if (direct || depth === 0) return direct;
  for (const entry of entries) {
    // Once each: ten indexes that name each other a thousand times over are few files and endless paths.
    if (!isIndexType(entry.mediaType) || !budget.spend(entry)) continue;
    const index = await read(entry);
    const found =
      index.kind === 'index' ? await findDigest(index.manifests, digest, read, budget, depth - 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Digests of all that the entries name, down to layers. The subjects of referrers are not theirs. */
export async function reachableFrom(
  entries: readonly Descriptor[],
  read: Read,
  where: string,
): Promise<ReadonlySet<Digest>> {
  const budget = new ManifestBudget(where);
  const reached = new Set<Digest>();
  const queue = [...entries];
  for (let entry = queue.pop(); entry; entry = queue.pop()) {
    reached.add(entry.digest);
    if (!budget.spend(entry)) continue;
    const manifest = await read(entry);
    if (manifest.kind === 'index') queue.push(...manifest.manifests);
    else for (const blob of [manifest.config, ...manifest.layers]) reached.add(blob.digest);
  }
  return reached;
}

/** Without annotations and platform: what a store says of content, not what an index said of it. */
export function bare(descriptor: Descriptor): Descriptor {
  const { mediaType, digest, size, artifactType } = descriptor;
  return { mediaType, digest, size, ...(artifactType === undefined ? {} : { artifactType }) };
}
