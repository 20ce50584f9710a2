import { closeSync, constants, createReadStream, fstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { lstat, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf, TidegateError } from '@tidegate/core';
import { readAll } from '../verified.ts';
import { type Disk, syncFile, writeFully } from './disk.ts';
import { writerName, writerOf } from './writer.ts';

/** Prefix of temporary files: in use by a writer, or garbage, never part of the layout. */
export const TEMPORARY = '.tidegate-';
const WRITING = `${TEMPORARY}tmp.`;
/** Age at which a temporary file of an unknown writer counts as left behind by a crash. Milliseconds. */
export const ABANDONED_AFTER = 60 * 60 * 1000;
/** Large reads need fewer turns of the event loop. Bytes. */
export const READ_SIZE = 512 * 1024;

/**
 * Open an untrusted file. A symlink could point outside the layout (O_NOFOLLOW), a FIFO would block the open forever
 * (O_NONBLOCK), and a hard link could be changed through its other name between check and use; it is allowed only
 * without write permission, as `linkBlob` leaves blobs that two layouts share.
 * @param size exact size in bytes, or maximum size with `atMost`
 */
export function openUntrusted(path: string, size: number, atMost = false): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = errno(cause);
    if (code === 'ENOENT') {
      throw new TidegateError('layout-content-missing', `${path} does not exist.`, {
        next: 'Build the image again.',
        cause,
      });
    }
    if (code === 'ELOOP') throw refused(path, 'it is a symbolic link');
    if (code === 'ENXIO') throw refused(path, 'it is not a regular file');
    throw new TidegateError('layout-file-access', `Cannot open ${path}: ${messageOf(cause)}.`, {
      next: 'Check the file permissions of the layout.',
      cause,
    });
  }
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw refused(path, 'it is not a regular file');
    // nlink 0 is fine: a writer has replaced the file since it was opened, and this one is complete.
    if (found.nlink > 1 && (found.mode & 0o222) !== 0) {
      throw refused(path, 'it is hard-linked and writable: another name can change it');
    }
    if (atMost ? found.size > size : found.size !== size) {
      throw refused(path, `it has ${found.size} bytes, expected ${atMost ? 'at most ' : ''}${size}`);
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export function streamUntrusted(path: string, size: number, offset = 0): Readable {
  const fd = openUntrusted(path, size);
  // Node allocates a buffer of highWaterMark for each read, also for the last one that finds the end. Most files are a
  // few KB.
  const end = Math.max(offset, size - 1);
  return createReadStream('', { fd, start: offset, end, highWaterMark: Math.min(READ_SIZE, end - offset + 1) });
}

export async function readUntrusted(path: string, limit: number): Promise<Buffer> {
  const fd = openUntrusted(path, limit, true);
  return readAll(createReadStream('', { fd }), limit, path);
}

/** Whether it is a folder, and not a link to one. */
export async function isRealFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * Writes a temporary file and renames it to `target`, so that `target` is complete or absent. Bytes are written and
 * synced in Node's thread pool, or as `disk` decides; open, close and rename are synchronous, because switching to
 * another thread costs more.
 */
export class AtomicFile {
  readonly #target: string;
  readonly #temporary: string;
  readonly #file: number;
  readonly #disk: Disk | undefined;
  #state: 'open' | 'closed' | 'settled' = 'open';

  /** @param folder of the temporary file, on the same file system as `target` */
  constructor(target: string, folder: string, disk?: Disk) {
    this.#target = target;
    this.#disk = disk;
    this.#temporary = temporaryIn(folder);
    this.#file = this.#orUnwritable(() => openSync(this.#temporary, 'wx', 0o644));
  }

  /**
   * @param position offset in the file; several writes may be pending
   * @returns undefined if it is already written
   */
  write(chunk: Uint8Array, position: number): Promise<void> | undefined {
    const disk = this.#disk;
    if (!disk) return writeFully(this.#file, chunk, position).catch(unwritable(this.#target));
    return this.#orUnwritable(() => disk.write(this.#file, chunk, position))?.catch(unwritable(this.#target));
  }

  /** Sync the bytes to disk, then rename. The new name is durable after `syncFolder` on its folder. */
  async commit(): Promise<void> {
    const disk = this.#disk;
    if (!disk) await syncFile(this.#file).catch(unwritable(this.#target));
    else await this.#orUnwritable(() => disk.sync(this.#file))?.catch(unwritable(this.#target));
    this.#orUnwritable(() => {
      this.#close();
      // Fails if the target is a folder, which a rename does not replace.
      renameSync(this.#temporary, this.#target);
    });
    this.#state = 'settled';
  }

  /** Remove the temporary file. No write may be pending. Does nothing after `commit`, so call it in a `finally`. */
  discard(): void {
    if (this.#state === 'settled') return;
    this.#close();
    this.#state = 'settled';
    rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    closeSync(this.#file);
  }

  #orUnwritable<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      return unwritable(this.#target)(cause);
    }
  }
}

/** A unique temporary path whose name identifies the writer. */
export function temporaryIn(folder: string): string {
  return join(folder, WRITING + writerName());
}

export async function writeAtomically(target: string, bytes: Uint8Array | string): Promise<void> {
  const file = new AtomicFile(target, dirname(target));
  try {
    await file.write(Buffer.from(bytes), 0);
    await file.commit();
    await syncFolder(dirname(target));
  } finally {
    file.discard();
  }
}

/** Make renames into a folder durable across a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Remove temporary files of dead writers. If the writer is unknown, the age decides, measured by the file system's
 * clock.
 */
export async function removeAbandoned(folder: string, justWritten: string): Promise<void> {
  const now = (await stat(justWritten)).mtimeMs;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const path = join(folder, name);
    const { state } = writerOf(name.startsWith(WRITING) ? name.slice(WRITING.length) : '');
    const found = await lstat(path).catch((error: unknown) => {
      if (errno(error) === 'ENOENT') return undefined;
      throw error;
    });
    const abandoned = state === 'dead' || (state === 'unknown' && now - (found?.mtimeMs ?? now) > ABANDONED_AFTER);
    if (found?.isFile() && abandoned) await rm(path, { force: true });
  }
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch(unwritable(path));
}

export function errno(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** A handler for `catch` that explains a full disk or a missing permission. @throws TidegateError `layout` */
export function unwritable(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new TidegateError('layout-file-access', `Cannot write ${path}: ${messageOf(cause)}.`, {
      next: 'Check the permissions and the free space there, and that the path is not a folder.',
      cause,
    });
  };
}

function refused(path: string, why: string): TidegateError {
  return new TidegateError('layout-damaged', `${path} is not safe to read: ${why}.`, {
    next: 'Build the image again, and make sure that only Tidegate writes to the layout.',
  });
}
