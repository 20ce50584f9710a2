import { type Descriptor, type Digest, messageOf, TidegateError } from '@tidegate/core';
import type { Registry, TagOutcome } from '@tidegate/oci';
import type { Services } from '../services.ts';
import type { TagsBefore } from './preflight.ts';

export interface TagResult {
  readonly tag: string;
  readonly outcome: TagOutcome;
  readonly from?: Digest;
}

export interface SetTagsOptions {
  /** Most specific first. */
  readonly tags: readonly string[];
  readonly before: TagsBefore;
  /** Move a tag even if another client moved it since it was read. */
  readonly overwrite?: boolean;
}

/**
 * Set tags one after another and read each back. A tag that moved since `before` is an error and is not changed.
 * @param bytes the verified manifest, sent byte for byte
 * @throws TidegateError naming the tag that was not set, and those that are
 */
export async function setTags(
  registry: Registry,
  root: Descriptor,
  bytes: Uint8Array,
  options: SetTagsOptions,
  services: Pick<Services, 'log' | 'signal'>,
): Promise<readonly TagResult[]> {
  const done: TagResult[] = [];
  for (const tag of options.tags) {
    const before = options.before.get(tag);
    const from = options.overwrite ? {} : { from: before ?? ('nothing' as const) };
    try {
      const outcome = await registry.moveTag(root, tag, { ...from, bytes, signal: services.signal });
      done.push(outcome === 'moved' && before !== undefined ? { tag, outcome, from: before } : { tag, outcome });
    } catch (cause) {
      throw notSet(tag, done, cause);
    }
    services.log.info(`Tag ${tag}: ${done.at(-1)?.outcome}.`);
  }
  return done;
}

function notSet(tag: string, done: readonly TagResult[], cause: unknown): TidegateError {
  const set = done.map((result) => result.tag).join(', ') || 'none';
  const known = cause instanceof TidegateError ? cause : undefined;
  return new TidegateError(
    known?.id ?? 'tag-not-set',
    `Tag ${tag} was not set: ${messageOf(cause)} Tags set before it: ${set}.`,
    { next: known?.next ?? 'Run again: existing content is not uploaded twice.', cause },
  );
}
