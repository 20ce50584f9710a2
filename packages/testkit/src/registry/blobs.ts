import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

/** A running upload. */
export interface Upload {
  readonly id: string;
  readonly size: number;
  append(chunk: Buffer): Promise<void>;
  /** @returns the digest of the received bytes; the blob is kept under it if it is `expected` */
  finish(expected: string): Promise<string>;
  cancel(): Promise<void>;
}

/** Storage of blobs. The registry decides which repository may read which blob. */
export interface Blobs {
  begin(): Promise<Upload>;
  size(digest: string): Promise<number | undefined>;
  /** Bytes `start` to `end`, both inclusive. */
  read(digest: string, start: number, end: number): Readable;
}

export function memoryBlobs(): Blobs {
  const kept = new Map<string, Buffer>();
  return {
    async begin() {
      const hash = createHash('sha256');
      const chunks: Buffer[] = [];
      let size = 0;
      return {
        id: randomUUID(),
        get size() {
          return size;
        },
        async append(chunk) {
          hash.update(chunk);
          chunks.push(Buffer.from(chunk));
          size += chunk.length;
        },
        async finish(expected) {
          const digest = digestOf(hash);
          if (digest === expected) kept.set(digest, Buffer.concat(chunks));
          return digest;
        },
        async cancel() {
          chunks.length = 0;
        },
      };
    },
    async size(digest) {
      return kept.get(digest)?.length;
    },
    read(digest, start, end) {
      return Readable.from(slices(kept.get(digest)?.subarray(start, end + 1) ?? Buffer.alloc(0)), {
        objectMode: false,
      });
    },
  };
}

/** In pieces, as from a network. */
function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}

/** For layers that are too large for memory. The folder must not be used for anything else. */
export async function folderBlobs(folder: string): Promise<Blobs> {
  const blobs = join(folder, 'blobs');
  const uploads = join(folder, 'uploads');
  await mkdir(blobs, { recursive: true });
  await mkdir(uploads, { recursive: true });
  const pathOf = (digest: string): string => join(blobs, digest.replace(/[^0-9a-z]/g, '-'));
  return {
    async begin() {
      const id = randomUUID();
      const path = join(uploads, id);
      const handle: FileHandle = await open(path, 'wx');
      const hash = createHash('sha256');
      let size = 0;
      return {
        id,
        get size() {
          return size;
        },
        async append(chunk) {
          hash.update(chunk);
          size += chunk.length;
          for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
        },
        async finish(expected) {
          await handle.close();
          const digest = digestOf(hash);
          if (digest === expected) await rename(path, pathOf(digest));
          else await rm(path, { force: true });
          return digest;
        },
        async cancel() {
          await handle.close();
          await rm(path, { force: true });
        },
      };
    },
    async size(digest) {
      return stat(pathOf(digest)).then(
        (found) => found.size,
        () => undefined,
      );
    },
    read(digest, start, end) {
      return createReadStream(pathOf(digest), { start, end, highWaterMark: Math.min(512 * 1024, end - start + 1) });
    },
  };
}

function digestOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
