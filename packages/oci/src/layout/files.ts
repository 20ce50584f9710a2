import { closeSync, constants, createReadStream, fstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { lstat, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf, TidegateError } from '@tidegate/core';
import { readAll } from '../verified.ts';
import { type Disk, syncBehind, writeBehind } from './disk.ts';
import { writerName, writerOf } from './writer.ts';

/** What begins so is somebody's at this moment, or garbage: never a part of the layout. */
export const TEMPORARY = '.tidegate-';
const WRITING = `${TEMPORARY}tmp.`;
/** After this long a file whose writer cannot be told is what a crash left behind. Milliseconds. */
export const ABANDONED_AFTER = 60 * 60 * 1000;
/** Large reads: fewer turns of the event loop for the same bytes. */
export const READ_SIZE = 512 * 1024;

/**
 * Open a file that somebody else wrote. A symlink would read what lies outside the layout (O_NOFOLLOW), a FIFO would
 * hang the open for ever (O_NONBLOCK), a hard link can be changed from elsewhere between check and use: unless nobody
 * may write to it, as `linkBlob` leaves blobs that two layouts share.
 * @param size bytes it must have, or the most it may have when `atMost`
 */
export function openHostile(path: string, size: number, atMost = false): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = errno(cause);
    if (code === 'ENOENT') {
      throw new TidegateError('not-found', `${path} is not there.`, { next: 'Build the image again.', cause });
    }
    if (code === 'ELOOP') throw refused(path, 'it is a symbolic link');
    if (code === 'ENXIO') throw refused(path, 'it is not a regular file');
    throw new TidegateError('layout', `${path} could not be opened: ${messageOf(cause)}.`, {
      next: 'Check the permissions of the layout.',
      cause,
    });
  }
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw refused(path, 'it is not a regular file');
    // None at all: a writer has put another file in its place since it was opened. This one is whole, and nobody's.
    if (found.nlink > 1 && (found.mode & 0o222) !== 0) {
      throw refused(path, 'it is hard-linked and writable: another name can change it');
    }
    if (atMost ? found.size > size : found.size !== size) {
      throw refused(path, `it has ${found.size} bytes where ${atMost ? 'at most ' : ''}${size} were expected`);
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export function streamHostile(path: string, size: number, offset = 0): Readable {
  const fd = openHostile(path, size);
  // A buffer of the highWaterMark is taken for each read, the last one that finds the end too: most files are a few KB.
  const end = Math.max(offset, size - 1);
  return createReadStream('', { fd, start: offset, end, highWaterMark: Math.min(READ_SIZE, end - offset + 1) });
}

export async function readHostile(path: string, limit: number): Promise<Buffer> {
  const fd = openHostile(path, limit, true);
  return readAll(createReadStream('', { fd }), limit, path);
}

/** A folder that is one: not a link to one. */
export async function isRealFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * A file being written beside `target`; it appears there whole or not at all. Bytes are written and synced by node's
 * threads, or as `disk` finds right; names are made, closed and moved right here, where the way to a thread and back
 * costs more than they do.
 */
export class AtomicFile {
  readonly #target: string;
  readonly #temporary: string;
  readonly #file: number;
  readonly #disk: Disk | undefined;
  #state: 'open' | 'closed' | 'settled' = 'open';

  /** @param folder where the temporary file lies: on the same file system as `target` */
  constructor(target: string, folder: string, disk?: Disk) {
    this.#target = target;
    this.#disk = disk;
    this.#temporary = temporaryIn(folder);
    this.#file = this.#orUnwritable(() => openSync(this.#temporary, 'wx', 0o644));
  }

  /**
   * @param position where in the file: several may be under way
   * @returns undefined where it is written already
   */
  write(chunk: Uint8Array, position: number): Promise<void> | undefined {
    const disk = this.#disk;
    if (!disk) return writeBehind(this.#file, chunk, position).catch(unwritable(this.#target));
    return this.#orUnwritable(() => disk.write(this.#file, chunk, position))?.catch(unwritable(this.#target));
  }

  /** The bytes are on disk before the name is there; the name itself is once `syncFolder` was called on its folder. */
  async commit(): Promise<void> {
    const disk = this.#disk;
    if (!disk) await syncBehind(this.#file).catch(unwritable(this.#target));
    else await this.#orUnwritable(() => disk.sync(this.#file))?.catch(unwritable(this.#target));
    this.#orUnwritable(() => {
      this.#close();
      // A folder where the file belongs is the one thing that a rename does not replace.
      renameSync(this.#temporary, this.#target);
    });
    this.#state = 'settled';
  }

  /** Nothing may be under way into it. After `commit` this does nothing, so it can stand in a `finally`. */
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

/** A name that nobody else uses, and that tells who does. */
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

/** What was renamed into a folder stays there through a power cut from now on. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Remove what dead writers left. Where the writer cannot be told, its age decides, by the file system's own clock. */
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

/** For `catch`: a full disk and a missing permission in words. @throws TidegateError `layout` */
export function unwritable(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new TidegateError('layout', `${path} could not be written: ${messageOf(cause)}.`, {
      next: 'Check the permissions and the free space there, and that nothing else stands in its place.',
      cause,
    });
  };
}

function refused(path: string, why: string): TidegateError {
  return new TidegateError('layout', `${path} is refused: ${why}.`, {
    next: 'Build the image again, and let nothing but Tidegate write into the layout.',
  });
}
