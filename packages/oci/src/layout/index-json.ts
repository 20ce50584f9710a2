import { join } from 'node:path';
import {
  type Descriptor,
  type Digest,
  deferred,
  digestOf,
  hasKind,
  MANIFEST_LIMIT,
  MediaType,
  messageOf,
  parseIndexFile,
  parseStrictJson,
  TidegateError,
} from '@tidegate/core';
import { readUntrusted, removeAbandoned, syncFolder, writeAtomically } from './files.ts';
import { withLock } from './lock.ts';

export const LAYOUT_FILE = 'index.json';
export const VERSION_FILE = 'oci-layout';
/** image-spec, annotations.md: in index.json this annotation is a tag. */
export const REF_NAME = 'org.opencontainers.image.ref.name';

type Change = (entries: readonly Descriptor[]) => readonly Descriptor[];

interface Waiting {
  readonly change: Change;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** The two files that make a folder an image layout: the marker of its version, and index.json. */
export class LayoutIndex {
  readonly #folder: string;
  /** Edits of this object queue up here, which is cheaper than competing for the lock. */
  #last: Promise<unknown> = Promise.resolve();
  /** Pending edits: the next turn applies all of them with one write and one sync. */
  #waiting: Waiting[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws TidegateError `layout` unless the layout version is 1.0.0, the only one that exists. */
  async checkVersion(): Promise<void> {
    const path = join(this.#folder, VERSION_FILE);
    const bytes = await this.#bytes(VERSION_FILE, 4096);
    const marker = asLayoutError(path, () => parseStrictJson(bytes, path));
    const named = typeof marker === 'object' && marker !== null && 'imageLayoutVersion' in marker;
    if (named && marker.imageLayoutVersion === '1.0.0') return;
    throw new TidegateError('layout-unsupported', `${path}: imageLayoutVersion is not 1.0.0.`, {
      next: 'Build the image again: this version does not support the layout in this folder.',
    });
  }

  async entries(): Promise<readonly Descriptor[]> {
    const path = join(this.#folder, LAYOUT_FILE);
    const bytes = await this.#bytes(LAYOUT_FILE, MANIFEST_LIMIT);
    return asLayoutError(path, () => parseIndexFile(bytes, path).manifests);
  }

  /** Digest of index.json as it is. */
  async digest(): Promise<Digest> {
    return digestOf(await this.#bytes(LAYOUT_FILE, MANIFEST_LIMIT));
  }

  /** Take over the index.json of `other`, byte for byte. */
  async takeFrom(other: LayoutIndex): Promise<void> {
    await this.exclusive(async () => {
      await syncFolder(join(this.#folder, 'blobs', 'sha256'));
      await writeAtomically(join(this.#folder, LAYOUT_FILE), await other.#bytes(LAYOUT_FILE, MANIFEST_LIMIT));
    });
  }

  /** Edit with one writer at a time, across processes. @param change returns the same list if nothing changes */
  edit(change: Change): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    this.#waiting.push({ change, done: resolve, failed: reject });
    if (this.#waiting.length === 1) void this.#editWaiting();
    return promise;
  }

  /** Callers are notified through their own promise, after the lock is released. */
  async #editWaiting(): Promise<void> {
    const turn: Waiting[] = [];
    try {
      await this.exclusive(async () => {
        turn.push(...this.#waiting.splice(0));
        const before = await this.entries();
        const after = turn.reduce(changed, before);
        if (after !== before) await this.replace(after);
      });
      for (const { done } of turn) done();
    } catch (error) {
      // If the lock failed, no edit was taken: then fail all pending ones.
      for (const { failed } of turn.length > 0 ? turn : this.#waiting.splice(0)) failed(error);
    }
  }

  /** Call it inside `exclusive`. */
  async replace(entries: readonly Descriptor[]): Promise<void> {
    const path = join(this.#folder, LAYOUT_FILE);
    // All content that the new index names must be durable before the index is.
    await syncFolder(join(this.#folder, 'blobs', 'sha256'));
    const text = formatIndexFile(entries);
    if (Buffer.byteLength(text) > MANIFEST_LIMIT) throw tooLong(path);
    await writeAtomically(path, text);
    await removeAbandoned(this.#folder, path);
  }

  /** Run `work` while no one else edits the layout. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    // A failure of the previous turn is handled by its own caller.
    const turn = this.#last.then(() => withLock(this.#folder, work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #bytes(name: string, limit: number): Promise<Buffer> {
    try {
      return await readUntrusted(join(this.#folder, name), limit);
    } catch (cause) {
      if (!hasKind(cause, 'not-found')) throw cause;
      throw new TidegateError('layout-missing', `${this.#folder} is not an image layout: ${name} is missing.`, {
        next: 'Use the folder that build-image wrote, or any OCI image layout folder (not a tar archive).',
        cause,
      });
    }
  }
}

/** A failed edit changes nothing and does not affect the others. */
function changed(entries: readonly Descriptor[], { change, failed }: Waiting): readonly Descriptor[] {
  try {
    return change(entries);
  } catch (error) {
    failed(error);
    return entries;
  }
}

export function formatIndexFile(entries: readonly Descriptor[]): string {
  return `${JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: entries }, null, 2)}\n`;
}

function tooLong(path: string): TidegateError {
  return new TidegateError('layout-unsupported', `${path} would exceed the limit of ${MANIFEST_LIMIT} bytes.`, {
    next: 'Use a separate layout for each image.',
  });
}

function asLayoutError<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new TidegateError('layout-damaged', messageOf(cause), {
      next: `Build the image again: ${path} is corrupt or malicious.`,
      cause,
    });
  }
}
