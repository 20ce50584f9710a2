import {
  artifactTypeOf,
  type Descriptor,
  type Digest,
  type Index,
  isDigest,
  isIndexType,
  type Manifest,
  quoted,
  TidegateError,
} from '@tidegate/core';
import { ManifestBudget } from '../registry/manifest-budget.ts';
import { REF_NAME } from './index-json.ts';

/** Maximum nesting depth of indexes when searching by digest. */
const DEPTH_LIMIT = 4;

/** Reads and checks a manifest of the layout. */
type Read = (descriptor: Descriptor) => Promise<Manifest | Index>;

/** The images of a layout: the entries that are not referrers, each digest once. */
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

/** Each digest once: reading a few large manifests for thousands of entries would take minutes. */
function distinct(entries: readonly Descriptor[], where: string): readonly Descriptor[] {
  const budget = new ManifestBudget(where);
  return entries.filter((entry) => budget.spend(entry));
}

/** The entries whose `subject` is `subject`, with their own artifactType and annotations. */
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
      artifactType: type,
      annotations: manifest.annotations,
    });
  }
  return [...found.values()];
}

/** Resolve a tag, or the digest of an entry or of a manifest in a nested index. @param where for messages */
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
  throw new TidegateError('layout-content-missing', `${where} contains no ${quoted(tagOrDigest, 128)}.`, {
    next: 'Check index.json for the available tags and digests.',
  });
}

function findTag(entries: readonly Descriptor[], tag: string, where: string): Descriptor | undefined {
  const [first, ...others] = entries.filter((entry) => entry.annotations?.[REF_NAME] === tag);
  if (others.every((entry) => entry.digest === first?.digest)) return first;
  throw new TidegateError('layout-damaged', `${where}: the tag ${quoted(tag, 128)} exists twice.`, {
    next: 'Use the digest of the image.',
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
    // Read each once: ten indexes that list each other a thousand times are few files but endless paths.
    if (!isIndexType(entry.mediaType) || !budget.spend(entry)) continue;
    const index = await read(entry);
    const found =
      index.kind === 'index' ? await findDigest(index.manifests, digest, read, budget, depth - 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Content that is reachable from the entries of a layout. */
export interface Reached {
  readonly descriptor: Descriptor;
  readonly isManifest: boolean;
}

/** Everything reachable from the entries, down to layers. Subjects of referrers are not included. */
export async function reachableFrom(
  entries: readonly Descriptor[],
  read: Read,
  where: string,
): Promise<ReadonlyMap<Digest, Reached>> {
  const budget = new ManifestBudget(where);
  const reached = new Map<Digest, Reached>();
  const queue = [...entries];
  for (let entry = queue.pop(); entry; entry = queue.pop()) {
    reached.set(entry.digest, { descriptor: bare(entry), isManifest: true });
    if (!budget.spend(entry)) continue;
    const manifest = await read(entry);
    if (manifest.kind === 'index') queue.push(...manifest.manifests);
    else {
      for (const blob of [manifest.config, ...manifest.layers]) {
        if (!reached.has(blob.digest)) reached.set(blob.digest, { descriptor: bare(blob), isManifest: false });
      }
    }
  }
  return reached;
}

/** Without annotations and platform: they describe the entry of an index, not the content. */
export function bare(descriptor: Descriptor): Descriptor {
  const { mediaType, digest, size, artifactType } = descriptor;
  return { mediaType, digest, size, artifactType };
}
