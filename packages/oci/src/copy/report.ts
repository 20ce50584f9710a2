import type { Descriptor } from '@tidegate/core';
import type { PushOutcome } from '../store.ts';

export type CopyEvent =
  /** What may have to be sent; `bytes` is its size if no blob of it is there yet. A second one adds what was found later. */
  | { readonly kind: 'planned'; readonly blobs: number; readonly bytes: number }
  /** `moved` bytes of the blob's are over. It never goes back, however often some of them had to be sent again. */
  | { readonly kind: 'progress'; readonly descriptor: Descriptor; readonly moved: number }
  /** A transfer was cut and goes on from `offset`. */
  | { readonly kind: 'resumed'; readonly descriptor: Descriptor; readonly offset: number }
  | { readonly kind: 'blob'; readonly descriptor: Descriptor; readonly outcome: PushOutcome }
  | { readonly kind: 'manifest'; readonly descriptor: Descriptor; readonly outcome: PushOutcome };

/** Counts of blobs and manifests, each digest once. */
export interface CopyReport {
  readonly sent: number;
  readonly mounted: number;
  /** There already. */
  readonly skipped: number;
  /** Of those sent: how many were cut and went on from where the other side had them. */
  readonly resumed: number;
  /** Of what was sent. */
  readonly bytes: number;
  readonly milliseconds: number;
  /** Over all of that time. Absent where nothing was sent. */
  readonly bytesPerSecond?: number;
}

/** Adds up as a copy goes on. Its time runs from when it was made. */
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
      ...(moved ? { bytesPerSecond: Math.round((this.#bytes * 1000) / milliseconds) } : {}),
    };
  }
}
