import { syncBehind } from './disk.ts';

/** So much more of a file is there before it is synced once more. Bytes. */
const STEP = 16 * 1024 * 1024;
/** Of node's threads, in all of the process: the others write, and look up names. */
const AT_ONCE = 2;
let underWay = 0;

/** Brings a long file to the disk while it is still being written: its last sync then waits for the end of it alone. */
export class EarlySync {
  readonly #file: number;
  #begun = 0;
  #sync: Promise<void> | undefined;

  /** @param file a descriptor, open until this is settled */
  constructor(file: number) {
    this.#file = file;
  }

  /** So many bytes have been written, or soon are. */
  reached(bytes: number): void {
    if (bytes - this.#begun < STEP || this.#sync || underWay === AT_ONCE) return;
    this.#begun = bytes;
    underWay += 1;
    const sync = syncBehind(this.#file)
      .then(() => {
        this.#sync = undefined;
      })
      .finally(() => {
        underWay -= 1;
      });
    // Until somebody waits for it, it must not count as unheard.
    sync.catch(() => undefined);
    this.#sync = sync;
  }

  /** Until none is under way. Rejects as one did: the kernel tells of bytes that it lost once, and not at the next sync. */
  settled(): Promise<void> | undefined {
    return this.#sync;
  }
}
