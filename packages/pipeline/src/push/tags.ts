import { type Descriptor, type Digest, messageOf, type OneOrMore, TidegateError } from '@tidegate/core';
import type { Registry, TagOutcome } from '@tidegate/oci';
import type { Services } from '../services.ts';
import { currentDigest, type TagsBefore } from './preflight.ts';

export interface TagResult {
  readonly tag: string;
  readonly outcome: TagOutcome;
  readonly from?: Digest;
}

/** A repository and its tags before anything was sent. */
export interface TaggedRepository {
  readonly registry: Registry;
  readonly before: TagsBefore;
}

export interface SetTagsOptions {
  /** Most specific first. */
  readonly tags: readonly string[];
  /** Move a tag even if another client moved it since it was read. */
  readonly overwrite?: boolean;
}

type TagServices = Pick<Services, 'log' | 'signal'>;
type Done = ReadonlyMap<Registry, TagResult[]>;

/**
 * Set tags one after another and read each back; each tag in all repositories side by side. A tag that moved since
 * `before` is an error and is not changed. After a failure no further tag is set anywhere.
 * @param bytes the verified manifest, sent byte for byte
 * @throws TidegateError naming the tag that was not set, and those that are
 */
export async function setTags(
  repositories: OneOrMore<TaggedRepository>,
  root: Descriptor,
  bytes: Uint8Array,
  options: SetTagsOptions,
  services: TagServices,
): Promise<ReadonlyMap<Registry, readonly TagResult[]>> {
  const several = repositories.length > 1;
  if (several && !options.overwrite) await assertTagsUnmoved(repositories, root.digest, services);
  const done: Done = new Map(repositories.map(({ registry }) => [registry, []]));
  for (const tag of options.tags) {
    const failures = await Promise.all(
      repositories.map(async ({ registry, before: found }) => {
        const before = found.get(tag);
        const from = options.overwrite ? {} : { from: before ?? ('nothing' as const) };
        try {
          const outcome = await registry.moveTag(root, tag, { ...from, bytes, signal: services.signal });
          const moved = outcome === 'moved' && before !== undefined;
          done.get(registry)?.push(moved ? { tag, outcome, from: before } : { tag, outcome });
          services.log.info(`Tag ${tag}${several ? ` of ${registry.name}` : ''}: ${outcome}.`);
          return undefined;
        } catch (cause) {
          return { registry, cause };
        }
      }),
    );
    // Only when all have ended is it known which tags are set.
    const failure = failures.find((one) => one !== undefined);
    if (failure) throw notSet(tag, several ? failure.registry : undefined, done, failure.cause);
  }
  return done;
}

/**
 * With one destination, the move of a tag itself finds that another client has moved it. With several, one tag would
 * then be set already in another destination: look at all of them before the first one is set.
 */
async function assertTagsUnmoved(
  repositories: OneOrMore<TaggedRepository>,
  digest: Digest,
  { signal }: TagServices,
): Promise<void> {
  const looks = repositories.flatMap(({ registry, before }) =>
    [...before].map(async ([tag, from]) => {
      const now = await currentDigest(registry, tag, signal);
      if (now === from || now === digest) return;
      throw new TidegateError(
        'tag-changed',
        `Another client moved ${registry.name}:${tag} to ${now ?? 'nothing'} during this push. No tag was set in any destination.`,
      );
    }),
  );
  await Promise.all(looks);
}

function notSet(tag: string, registry: Registry | undefined, done: Done, cause: unknown): TidegateError {
  const known = cause instanceof TidegateError ? cause : undefined;
  const where = registry ? ` in ${registry.name}` : '';
  const set = registry ? setInEach(done) : `Tags set before it: ${namesIn([...done.values()].flat())}.`;
  return new TidegateError(known?.id ?? 'tag-not-set', `Tag ${tag} was not set${where}: ${messageOf(cause)} ${set}`, {
    next: known?.next ?? 'Run again: existing content is not uploaded twice.',
    cause,
  });
}

/** Whatever its tags, every destination was read back before. */
function setInEach(done: Done): string {
  const each = [...done].map(([{ name }, results]) => `${name}: ${namesIn(results)}`);
  return `Every destination has the complete image and its evidence. Tags set: ${each.join('; ')}.`;
}

function namesIn(results: readonly TagResult[]): string {
  return results.map(({ tag }) => tag).join(', ') || 'none';
}
