import type { Digest } from '@tidegate/core';
import type { PushOutcome } from '../store.ts';
import { unlessCancelled } from '../verified.ts';

/** Each blob is uploaded to a repository once per run, however many images contain it. */
export class SharedUploads {
  readonly #present = new Set<Digest>();
  readonly #pending = new Map<Digest, Promise<PushOutcome>>();

  /** Upload a blob with `work`. Concurrent callers wait, and upload only if the first one failed. */
  async once(digest: Digest, work: () => Promise<PushOutcome>, signal?: AbortSignal): Promise<PushOutcome> {
    for (;;) {
      if (this.#present.has(digest)) return 'present';
      const pending = this.#pending.get(digest);
      if (!pending) break;
      // Its own caller handles its failure.
      const over = pending.catch(() => undefined);
      await unlessCancelled(over, signal, 'waiting for another upload of the same blob');
    }
    const working = work();
    this.#pending.set(digest, working);
    try {
      const outcome = await working;
      this.#present.add(digest);
      return outcome;
    } finally {
      this.#pending.delete(digest);
    }
  }
}
