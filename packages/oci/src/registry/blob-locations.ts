import type { Digest } from '@tidegate/core';
import type { PushOutcome } from '../store.ts';
import { unlessCancelled } from '../verified.ts';

/** One repository of one registry. */
interface Place {
  readonly registry: string;
  readonly repository: string;
}

/**
 * Which repositories of a registry are known to hold a blob: each digest crosses the line once in a run, however many
 * images name it. The next repository of the same registry mounts it.
 */
export class BlobLocations {
  readonly #held = new Map<string, Set<string>>();
  readonly #moving = new Map<string, Map<string, Promise<unknown>>>();

  add({ registry, repository }: Place, digest: Digest): void {
    const key = `${registry} ${digest}`;
    this.#held.set(key, (this.#held.get(key) ?? new Set()).add(repository));
  }

  /**
   * Bring a blob to `place` by `work`, unless it is known to be there. Who comes while another is at it waits, and
   * tries itself only where that one failed.
   * @param work given the other repositories that hold the blob
   */
  async bring(
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
      // Its failure is its own caller's business.
      const over = other.catch(() => undefined);
      await unlessCancelled(over, signal, 'waiting for a blob that is on its way already');
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
