import { fsync, fsyncSync, read, write, writeSync } from 'node:fs';

/** A call that takes longer has waited for the disk. Milliseconds. */
const SLOW = 2;
/**
 * Bytes per write call. A file system allocates a contiguous page range of that size, and the host of a virtual machine
 * reclaims long idle ranges (free page reporting): touching one again costs ten times as much as writing it. Short
 * ranges were used recently.
 */
const WRITE_UNIT = 32 * 1024;

/**
 * Writes and syncs small files. While calls are fast, they are synchronous, because switching to another thread costs
 * more. After one has waited for the disk, all later ones use Node's thread pool.
 */
export class Disk {
  #writesSync = true;
  /** False until measured: a sync may take seconds and would block everything else. */
  #syncsSync = false;
  #slow = false;

  /** @returns undefined if all of it is written, a promise if the write is pending */
  write(file: number, chunk: Uint8Array, position: number): Promise<void> | undefined {
    if (!this.#writesSync) return writeFully(file, chunk, position);
    const began = performance.now();
    writeFullySync(file, chunk, position);
    this.#writesSync = performance.now() - began <= SLOW;
    return undefined;
  }

  sync(file: number): Promise<void> | undefined {
    const began = performance.now();
    if (this.#syncsSync) {
      fsyncSync(file);
      this.#took(performance.now() - began);
      return undefined;
    }
    return syncFile(file).then(() => this.#took(performance.now() - began));
  }

  #took(milliseconds: number): void {
    if (milliseconds > SLOW && this.#syncsSync) this.#slow = true;
    this.#syncsSync = !this.#slow && milliseconds <= SLOW;
  }
}

/** Synchronous: blocks this thread if the disk is slow. */
function writeFullySync(file: number, chunk: Uint8Array, position: number): void {
  for (let at = 0; at < chunk.length; ) {
    at += writeSync(file, chunk, at, Math.min(WRITE_UNIT, chunk.length - at), position + at);
  }
}

/** In Node's thread pool. No write is pending when it settles, even after an error. */
export async function writeFully(file: number, chunk: Uint8Array, position: number): Promise<void> {
  const units: Promise<void>[] = [];
  for (let at = 0; at < chunk.length; at += WRITE_UNIT) {
    units.push(writeUnit(file, chunk.subarray(at, at + WRITE_UNIT), position + at));
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

/** @returns bytes read; fewer than requested only at the end of the file */
export async function readFully(file: number, room: Buffer, position: number): Promise<number> {
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

export function syncFile(file: number): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    fsync(file, (error) => (error ? reject(error) : resolve()));
  });
}
