import { type Digest, hasKind, TidegateError } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { Services } from '../services.ts';

/** The digest of each tag before anything was sent; undefined if the tag did not exist. */
export type TagsBefore = ReadonlyMap<string, Digest | undefined>;

/**
 * Check before anything is sent that the registry is reachable, that pushing is allowed, and where the tags point. With
 * `immutable`, a version tag that exists must already point at `digest`.
 * @throws TidegateError `unauthorized`, `network`, `registry`, or `conflict` for a tag that may not move.
 */
export async function preflight(
  registry: Registry,
  tags: readonly string[],
  services: Pick<Services, 'signal'>,
): Promise<TagsBefore> {
  const before = new Map<string, Digest | undefined>();
  await Promise.all([
    registry.checkPush({ signal: services.signal }),
    ...tags.map(async (tag) => {
      before.set(tag, await currentDigest(registry, tag, services.signal));
    }),
  ]);
  return before;
}

export async function currentDigest(registry: Registry, tag: string, signal: AbortSignal): Promise<Digest | undefined> {
  try {
    return (await registry.resolve(tag, { signal })).digest;
  } catch (error) {
    if (hasKind(error, 'not-found')) return undefined;
    throw error;
  }
}

const VERSION = /^v?\d+\.\d+\.\d+/;

/** @throws TidegateError `conflict` when a version tag already points at something else. */
export function assertVersionTagsUnmoved(before: TagsBefore, digest: Digest, registry: Registry): void {
  for (const [tag, current] of before) {
    if (current === undefined || current === digest || !VERSION.test(tag)) continue;
    throw new TidegateError(
      'tag-immutable',
      `${registry.name}:${tag} already points to ${current}, and version tags are immutable (immutable-tags).`,
      {
        next: 'Release a new version, or set immutable-tags to false.',
      },
    );
  }
}
