import type { Readable } from 'node:stream';
import type { Descriptor, Digest, Index, Manifest } from '@tidegate/core';

/** Outcome of a push: bytes were sent, mounted from another repository, or already present. */
export type PushOutcome = 'sent' | 'mounted' | 'present';

export interface Content {
  /**
   * A new stream at each call: a retry reads again, starting at `offset`.
   * @param onResume called with the offset where an interrupted transfer resumes
   */
  open(offset?: number, onResume?: (offset: number) => void): Readable;
  /**
   * A file descriptor open for reading, if the bytes are in a file. The caller closes it. A push then reads into
   * reusable buffers.
   */
  openFile?(): number;
}

export interface PushOptions extends CallOptions {
  readonly onBytes?: (bytes: number) => void;
  /** Called when an interrupted transfer resumes at this byte: the store has everything before it. */
  readonly onResume?: (offset: number) => void;
  /** Repositories on the same registry that may have the blob. */
  readonly mountFrom?: readonly string[];
  /** The caller has just checked that it is absent: it is sent without another check. */
  readonly absent?: boolean;
  /**
   * Called for a referrer that is listed in a tag that other clients also write. Without this function, the push waits
   * until its entry has settled.
   */
  readonly onListing?: (listed: Listed) => void;
}

/** Progress of a referrer in a list that several clients write. */
export interface Listed {
  /** The entry was written and read back. */
  readonly written: Promise<void>;
  /** The entry was still there after the settle time. */
  readonly stays: Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ReferrersOptions extends CallOptions {
  /** Do not check that what a list names exists: the caller reads each, and finds out. */
  readonly unchecked?: boolean;
}

/** An image layout or a registry repository: content-addressed storage with tags. */
export interface Store {
  /** For messages: the layout's path or `registry/repository`. */
  readonly name: string;
  /** Current limit of concurrent transfers. */
  readonly concurrency?: number;
  /** Current limit of concurrent blob uploads. */
  readonly uploads?: number;
  /** @throws TidegateError `not-found` when the tag or digest does not exist. */
  resolve(tagOrDigest: string, options?: CallOptions): Promise<Descriptor>;
  exists(descriptor: Descriptor, options?: CallOptions): Promise<boolean>;
  /**
   * Blob or manifest as a stream that fails with `integrity` at its end unless size and digest match the descriptor.
   */
  fetch(descriptor: Descriptor, options?: CallOptions): Promise<Readable>;
  /**
   * Unverified bytes from any offset, for the `push` of another store, which hashes every byte it sends. A store
   * without this method is read through `fetch`.
   */
  content?(descriptor: Descriptor, options?: CallOptions): Content;
  /** Like `fetch`, but in memory and verified. Content above `limit` bytes (default 4 MiB) is rejected. */
  fetchBytes(descriptor: Descriptor, options?: CallOptions & { readonly limit?: number }): Promise<Uint8Array>;
  /** A manifest or an index, parsed and checked. Only for a store that caches them. */
  manifest?(descriptor: Descriptor): Promise<Manifest | Index>;
  /** Push a blob or manifest, depending on the descriptor's media type. */
  push(descriptor: Descriptor, content: Content, options?: PushOptions): Promise<PushOutcome>;
  /**
   * Announce that referrers of `subject` are about to be pushed: a fallback list is written once, after all of them
   * arrived.
   * @returns a function to call when they have arrived
   */
  expectReferrers?(subject: Digest): () => void;
  /** Manifests whose `subject` is `subject`, filtered by `artifactType`. Annotations come from the manifest itself. */
  referrers(
    subject: Digest,
    artifactType?: string | undefined,
    options?: ReferrersOptions,
  ): Promise<readonly Descriptor[]>;
}
