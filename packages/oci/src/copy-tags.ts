import { badInput, type Descriptor, type Digest, hasCode, mapLimited } from '@tidegate/core';
import { AT_ONCE, bytesOf, callOf, type Graph } from './copy-graph.ts';
import { Registry } from './registry.ts';
import type { CallOptions, Store } from './store.ts';

/** Where each tag points now; undefined where it is not there. */
export type Tags = ReadonlyMap<string, Digest | undefined>;

export async function tagsAt(target: Store, tags: readonly string[] = [], options: CallOptions): Promise<Tags> {
  const look = async (tag: string, signal: AbortSignal) => {
    const digest = await target.resolve(tag, { signal }).then(
      (descriptor) => descriptor.digest,
      (error: unknown) => {
        if (hasCode(error, 'not-found')) return undefined;
        throw error;
      },
    );
    return [tag, digest] as const;
  };
  const found = await mapLimited(tags, AT_ONCE, look, options.signal);
  return new Map(found);
}

/** Points them at the one root. Each is held against what it was `before`: one that moved meanwhile is reported. */
export async function setTags(
  source: Store,
  target: Store,
  roots: readonly Descriptor[],
  images: Graph,
  before: Tags,
  options: CallOptions,
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
