import { join } from 'node:path';
import {
  type Descriptor,
  deferred,
  hasCode,
  MANIFEST_LIMIT,
  MediaType,
  messageOf,
  parseIndexFile,
  parseStrictJson,
  TidegateError,
} from '@tidegate/core';
import { readHostile, removeAbandoned, syncFolder, writeAtomically } from './files.ts';
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
  /** Edits of this object stand in line here, which is cheaper than meeting at the lock. */
  #last: Promise<unknown> = Promise.resolve();
  /** Edits that no turn has taken up yet: the next one makes them all, with one writing and one wait for the disk. */
  #waiting: Waiting[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws TidegateError `layout` unless the layout is of version 1.0.0, the only one there is. */
  async checkVersion(): Promise<void> {
    const path = join(this.#folder, VERSION_FILE);
    const bytes = await this.#bytes(VERSION_FILE, 4096);
    const marker = asLayoutError(path, () => parseStrictJson(bytes, path));
    const named = typeof marker === 'object' && marker !== null && 'imageLayoutVersion' in marker;
    if (named && marker.imageLayoutVersion === '1.0.0') return;
    throw new TidegateError('layout', `${path}: imageLayoutVersion is not 1.0.0.`, {
      next: 'Build the image again; this folder is no image layout that this version reads.',
    });
  }

  async entries(): Promise<readonly Descriptor[]> {
    const path = join(this.#folder, LAYOUT_FILE);
    const bytes = await this.#bytes(LAYOUT_FILE, MANIFEST_LIMIT);
    return asLayoutError(path, () => parseIndexFile(bytes, path).manifests);
  }

  /** One writer at a time, in this process and others. @param change gives back the same list where nothing changes */
  edit(change: Change): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    this.#waiting.push({ change, done: resolve, failed: reject });
    if (this.#waiting.length === 1) void this.#editWaiting();
    return promise;
  }

  /** Whoever waits is told by its own promise, once nobody holds the layout any more. */
  async #editWaiting(): Promise<void> {
    const turn: Waiting[] = [];
    try {
      await this.alone(async () => {
        turn.push(...this.#waiting.splice(0));
        const before = await this.entries();
        const after = turn.reduce(changed, before);
        if (after !== before) await this.replace(after);
      });
      for (const { done } of turn) done();
    } catch (error) {
      // Without the lock no turn was taken up: then it is those that wait for it.
      for (const { failed } of turn.length > 0 ? turn : this.#waiting.splice(0)) failed(error);
    }
  }

  /** To be called inside `alone`. */
  async replace(entries: readonly Descriptor[]): Promise<void> {
    const path = join(this.#folder, LAYOUT_FILE);
    // All that the new index names must survive before the index does.
    await syncFolder(join(this.#folder, 'blobs', 'sha256'));
    const text = formatIndexFile(entries);
    if (Buffer.byteLength(text) > MANIFEST_LIMIT) throw tooLong(path);
    await writeAtomically(path, text);
    await removeAbandoned(this.#folder, path);
  }

  /** Run `work` while nobody else edits the layout. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    // Whether the one before succeeded is its own caller's business.
    const turn = this.#last.then(() => withLock(this.#folder, work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #bytes(name: string, limit: number): Promise<Buffer> {
    try {
      return await readHostile(join(this.#folder, name), limit);
    } catch (cause) {
      if (!hasCode(cause, 'not-found')) throw cause;
      throw new TidegateError('layout', `${this.#folder} is no image layout: ${name} is missing.`, {
        next: 'Give the folder that build-image wrote, or any OCI image layout folder (not a tar archive).',
        cause,
      });
    }
  }
}

/** One that fails changes nothing, and is nobody else's failure. */
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
  return new TidegateError('layout', `${path} would be longer than the ${MANIFEST_LIMIT} bytes that are read.`, {
    next: 'Give each image a layout of its own.',
  });
}

function asLayoutError<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new TidegateError('layout', messageOf(cause), {
      next: `Build the image again; ${path} is broken or hostile.`,
      cause,
    });
  }
}
