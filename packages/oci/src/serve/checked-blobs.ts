import { closeSync, createReadStream, fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Descriptor, Digest } from '@tidegate/core';
import { READ_SIZE } from '../layout/files.ts';
import type { ImageLayout } from '../layout/layout.ts';
import { Checker } from '../verified.ts';
import type { ByteRange } from './range.ts';

/**
 * Blobs of a layout whose digest was checked before their first byte is sent. A check while bytes are sent would come
 * too late: the last bytes complete the response, and a part of a blob has no digest.
 */
export class CheckedBlobs {
  readonly #layout: ImageLayout;
  /** The file that had the digest: its inode, and the times of its last change. */
  readonly #checked = new Map<Digest, string>();
  readonly #running = new Map<Digest, Promise<void>>();

  constructor(layout: ImageLayout) {
    this.#layout = layout;
  }

  /**
   * Reads the whole file once; again only after it changed.
   * @throws TidegateError `not-found`, `layout` or `integrity`
   */
  async check(descriptor: Descriptor): Promise<void> {
    const running = this.#running.get(descriptor.digest);
    if (running) return running;
    const check = this.#check(descriptor).finally(() => this.#running.delete(descriptor.digest));
    this.#running.set(descriptor.digest, check);
    return check;
  }

  /** @throws TidegateError if the file is not the one that was checked */
  async open(descriptor: Descriptor, range: ByteRange): Promise<Readable> {
    await this.check(descriptor);
    const fd = this.#openFile(descriptor);
    if (identityOf(fd) === this.#checked.get(descriptor.digest)) {
      return createReadStream('', { fd, ...range, highWaterMark: READ_SIZE });
    }
    closeSync(fd);
    // It was replaced between both calls.
    return this.open(descriptor, range);
  }

  async #check(descriptor: Descriptor): Promise<void> {
    const { digest } = descriptor;
    const fd = this.#openFile(descriptor);
    try {
      const identity = identityOf(fd);
      if (this.#checked.get(digest) === identity) return;
      this.#checked.delete(digest);
      const checker = new Checker(descriptor, this.#layout.folder);
      const source = createReadStream('', { fd, start: 0, autoClose: false, highWaterMark: READ_SIZE });
      for await (const chunk of source as AsyncIterable<Buffer>) checker.feed(chunk);
      checker.finish();
      this.#checked.set(digest, identity);
    } finally {
      closeSync(fd);
    }
  }

  #openFile(descriptor: Descriptor): number {
    const fd = this.#layout.content(descriptor).openFile?.();
    if (fd === undefined) throw new Error(`${descriptor.digest} is not in a file`);
    return fd;
  }
}

function identityOf(fd: number): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
