import { closeSync, createReadStream, fchmodSync, fstatSync, linkSync, lstatSync, renameSync, rmSync } from 'node:fs';
import type { Descriptor } from '@tidegate/core';
import type { CallOptions } from '../store.ts';
import { Checker, throwIfCancelled } from '../verified.ts';
import { syncBehind } from './disk.ts';
import { openHostile, READ_SIZE, temporaryIn, unwritable } from './files.ts';
import type { ImageLayout } from './layout.ts';

/**
 * A blob of another layout, hashed, under a second name in `target`: no bytes are written, and it takes no space. Where
 * the file system cannot do that, it is copied: another device (EXDEV), a file of somebody else (EPERM), too many names
 * (EMLINK), no hard links at all.
 *
 * Both layouts then share the file. That is safe because nothing writes into a blob: evidence is added as new files, and
 * content that rotted is replaced by a new file under the same name. The write permission is taken away for both names,
 * so that a program that would write through the other layout fails; only the owner can give it back, and the owner can
 * change this layout anyway. Whatever reads a blob later hashes it again.
 * @param link for tests
 * @throws TidegateError `integrity` where the bytes do not match, `layout` for a hostile file, `not-found`, `cancelled`
 */
export async function linkBlob(
  source: ImageLayout,
  target: ImageLayout,
  descriptor: Descriptor,
  call: CallOptions = {},
  link: (from: string, to: string) => void = linkSync,
): Promise<void> {
  const isThere = lstatSync(target.blobPath(descriptor), { throwIfNoEntry: false }) !== undefined;
  if (isThere || !(await linked(source, target, descriptor, call, link))) {
    await target.push(descriptor, source.content(descriptor), call);
  }
}

/** @returns false where it has to be copied */
async function linked(
  source: ImageLayout,
  target: ImageLayout,
  descriptor: Descriptor,
  call: CallOptions,
  link: (from: string, to: string) => void,
): Promise<boolean> {
  const from = source.blobPath(descriptor);
  const to = target.blobPath(descriptor);
  const temporary = temporaryIn(target.folder);
  try {
    if (!linkedReadOnly(from, temporary, descriptor.size, link)) return false;
    // The new name is what is opened: another file may have been put under the old one meanwhile.
    const file = openHostile(temporary, descriptor.size);
    try {
      await hashed(file, descriptor, target.name, call);
      await syncBehind(file).catch(unwritable(to));
    } finally {
      closeSync(file);
    }
    renamed(temporary, to);
    return true;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function linkedReadOnly(from: string, to: string, size: number, link: (from: string, to: string) => void): boolean {
  const file = openHostile(from, size);
  try {
    link(from, to);
    fchmodSync(file, fstatSync(file).mode & 0o555);
    return true;
  } catch {
    // Why does not matter: a copy needs neither the link nor the owner, and says what is wrong with the disk.
    return false;
  } finally {
    closeSync(file);
  }
}

async function hashed(file: number, descriptor: Descriptor, where: string, { signal }: CallOptions): Promise<void> {
  const checker = new Checker(descriptor, where);
  const content = createReadStream('', { fd: file, start: 0, autoClose: false, highWaterMark: READ_SIZE });
  for await (const chunk of content as AsyncIterable<Buffer>) {
    throwIfCancelled(signal, `reading ${descriptor.digest}`);
    checker.feed(chunk);
  }
  checker.finish();
}

function renamed(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (cause) {
    unwritable(to)(cause);
  }
}
