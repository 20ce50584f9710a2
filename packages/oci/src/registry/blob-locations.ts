import type { Digest } from '@tidegate/core';
import type { PushOutcome } from '../store.ts';
import { unlessCancelled } from '../verified.ts';

/** One repository of one registry. */
interface Place {
  readonly registry: string;
  readonly repository: string;
}

/**
 * Tracks which repositories of a registry have a blob, so that each digest is uploaded once per run, however many
 * images contain it. The next repository of the same registry mounts it.
 */
export class BlobLocations {
  readonly #held = new Map<string, Set<string>>();
  readonly #moving = new Map<string, Map<string, Promise<unknown>>>();

  add({ registry, repository }: Place, digest: Digest): void {
    const key = `${registry} ${digest}`;
    this.#held.set(key, (this.#held.get(key) ?? new Set()).add(repository));
  }

  /**
   * Push a blob to `place` with `work`, unless it is known to be there. Concurrent callers wait, and push only if the
   * first one failed.
   * @param work receives the other repositories that have the blob
   */
  async ensure(
    place: Place,
    digest: Digest,
    work: (others: readonly string[]) => Promise<PushOutcome>,
    signal?: AbortSignal,
  ): Promise<PushOutcome> {
    const key = `${place.registry} ${digest}`;
    for (;;) {
      if (this.#held.get(key)?.has(place.repository)) return 'present';
      const moving = this.#moving.get(key);
      const [other] = moving?.values() ?? [];
      if (!other) break;
      // Its own caller handles its failure.
      const over = other.catch(() => undefined);
      await unlessCancelled(over, signal, 'waiting for another upload of the same blob');
    }
    const working = work([...(this.#held.get(key) ?? [])]);
    const moving = this.#moving.get(key) ?? new Map<string, Promise<unknown>>();
    this.#moving.set(key, moving.set(place.repository, working));
    try {
      const outcome = await working;
      this.add(place, digest);
      return outcome;
    } finally {
      moving.delete(place.repository);
      if (moving.size === 0) this.#moving.delete(key);
    }
  }
}
