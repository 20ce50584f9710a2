import { fsync, fsyncSync, read, write, writeSync } from 'node:fs';

/** What takes longer than this has waited for a disk. Milliseconds. */
const SLOW = 2;
/**
 * Written in one call. A file system takes as long a run of memory for it as the call is, and a virtual machine's host
 * takes long runs back where they lie idle (free page reporting): to touch one again costs ten times what writing it
 * does. Short runs are those that were used a moment ago. Bytes.
 */
const UNIT = 32 * 1024;

/**
 * Writes and syncs of small files. Where they go to memory, they are done right here: the way to another thread and
 * back costs more than they do. Once one has waited for the disk, all later ones wait in node's threads.
 */
export class Disk {
  #writesHere = true;
  /** Not until it is known: a sync may take seconds, and nothing else would go on meanwhile. */
  #syncsHere = false;
  #slow = false;

  /** @returns undefined once all of it is written, a promise where it is on its way */
  write(file: number, chunk: Uint8Array, position: number): Promise<void> | undefined {
    if (!this.#writesHere) return writeBehind(file, chunk, position);
    const began = performance.now();
    writeHere(file, chunk, position);
    this.#writesHere = performance.now() - began <= SLOW;
    return undefined;
  }

  sync(file: number): Promise<void> | undefined {
    const began = performance.now();
    if (this.#syncsHere) {
      fsyncSync(file);
      this.#took(performance.now() - began);
      return undefined;
    }
    return syncBehind(file).then(() => this.#took(performance.now() - began));
  }

  #took(milliseconds: number): void {
    if (milliseconds > SLOW && this.#syncsHere) this.#slow = true;
    this.#syncsHere = !this.#slow && milliseconds <= SLOW;
  }
}

/** In this thread, which waits for the disk where that has to be waited for. */
function writeHere(file: number, chunk: Uint8Array, position: number): void {
  for (let at = 0; at < chunk.length; ) {
    at += writeSync(file, chunk, at, Math.min(UNIT, chunk.length - at), position + at);
  }
}

/** By node's threads. However it ends, nothing is under way then. */
export async function writeBehind(file: number, chunk: Uint8Array, position: number): Promise<void> {
  const units: Promise<void>[] = [];
  for (let at = 0; at < chunk.length; at += UNIT) {
    units.push(writeUnit(file, chunk.subarray(at, at + UNIT), position + at));
  }
  for (const end of await Promise.allSettled(units)) if (end.status === 'rejected') throw end.reason;
}

async function writeUnit(file: number, unit: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < unit.length; ) {
    at += await new Promise<number>((resolve, reject) => {
      write(file, unit, at, unit.length - at, position + at, (error, written) =>
        error ? reject(error) : resolve(written),
      );
    });
  }
}

/** @returns bytes read, fewer than there is room for only at the end of the file */
export async function readBehind(file: number, room: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < room.length) {
    const got = await new Promise<number>((resolve, reject) => {
      read(file, room, filled, room.length - filled, position + filled, (error, count) =>
        error ? reject(error) : resolve(count),
      );
    });
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

export function syncBehind(file: number): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    fsync(file, (error) => (error ? reject(error) : resolve()));
  });
}
