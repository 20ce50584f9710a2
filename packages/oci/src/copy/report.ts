import type { Descriptor } from '@tidegate/core';
import type { PushOutcome } from '../store.ts';

export type CopyEvent =
  /**
   * Blobs that may have to be sent; `bytes` is their size if the target has none of them. A second event adds blobs
   * found later.
   */
  | { readonly kind: 'planned'; readonly blobs: number; readonly bytes: number }
  /** `moved` bytes of the blob were transferred. It never decreases, even if some of them are sent again. */
  | { readonly kind: 'progress'; readonly descriptor: Descriptor; readonly moved: number }
  /** An interrupted transfer resumes at `offset`. */
  | { readonly kind: 'resumed'; readonly descriptor: Descriptor; readonly offset: number }
  | { readonly kind: 'blob'; readonly descriptor: Descriptor; readonly outcome: PushOutcome }
  | { readonly kind: 'manifest'; readonly descriptor: Descriptor; readonly outcome: PushOutcome };

/** Counts of blobs and manifests, each digest once. */
export interface CopyReport {
  readonly sent: number;
  readonly mounted: number;
  /** Already present. */
  readonly skipped: number;
  /** Number of sent blobs whose transfer was resumed. */
  readonly resumed: number;
  /** Bytes sent. */
  readonly bytes: number;
  readonly milliseconds: number;
  /** Average over `milliseconds`. Undefined if nothing was sent. */
  readonly bytesPerSecond?: number | undefined;
}

/** Counts during a copy. Measures time from its construction. */
export class Tally {
  readonly #began = performance.now();
  #sent = 0;
  #mounted = 0;
  #skipped = 0;
  #resumed = 0;
  #bytes = 0;

  add(outcome: PushOutcome, descriptor: Descriptor, resumed = false): void {
    if (resumed) this.#resumed += 1;
    if (outcome === 'sent') {
      this.#sent += 1;
      this.#bytes += descriptor.size;
    } else if (outcome === 'mounted') this.#mounted += 1;
    else this.#skipped += 1;
  }

  skip(count: number): void {
    this.#skipped += count;
  }

  report(): CopyReport {
    const milliseconds = performance.now() - this.#began;
    const moved = this.#bytes > 0 && milliseconds > 0;
    return {
      sent: this.#sent,
      mounted: this.#mounted,
      skipped: this.#skipped,
      resumed: this.#resumed,
      bytes: this.#bytes,
      milliseconds,
      bytesPerSecond: moved ? Math.round((this.#bytes * 1000) / milliseconds) : undefined,
    };
  }
}
