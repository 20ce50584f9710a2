import { closeSync, createReadStream, fchmodSync, fstatSync, linkSync, lstatSync, renameSync, rmSync } from 'node:fs';
import type { Descriptor } from '@tidegate/core';
import type { CallOptions } from '../store.ts';
import { Checker, throwIfCancelled } from '../verified.ts';
import { syncFile } from './disk.ts';
import { openUntrusted, READ_SIZE, temporaryIn, unwritable } from './files.ts';
import type { ImageLayout } from './layout.ts';

/**
 * Verify a blob of another layout and hard-link it into `target`: no bytes are written, and it takes no space. If the
 * file system does not allow it, the blob is copied: another device (EXDEV), a file of another user (EPERM), too many
 * links (EMLINK), no hard links at all.
 *
 * Both layouts then share the file. That is safe because nothing writes into a blob: evidence is added as new files,
 * and corrupt content is replaced by a new file under the same name. The write permission is removed for both names, so
 * that a program that tries to write through the other layout fails; only the owner can restore it, and the owner can
 * change this layout anyway. Every later read hashes the blob again.
 * @param link for tests
 * @throws TidegateError `integrity` if the bytes do not match, `layout` for an unsafe file, `not-found`, `cancelled`
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

/** @returns false if it has to be copied */
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
    // Open the new name: the old one may refer to another file by now.
    const file = openUntrusted(temporary, descriptor.size);
    try {
      await hashed(file, descriptor, target.name, call);
      await syncFile(file).catch(unwritable(to));
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
  const file = openUntrusted(from, size);
  try {
    link(from, to);
    fchmodSync(file, fstatSync(file).mode & 0o555);
    return true;
  } catch {
    // The reason does not matter: a copy needs neither link nor ownership, and reports disk errors.
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
