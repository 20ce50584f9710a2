import type { Readable } from 'node:stream';
import type { Descriptor, Digest, Index, Manifest } from '@tidegate/core';

/** How a push ended: bytes went over, another repository lent them, or they were there already. */
export type PushOutcome = 'sent' | 'mounted' | 'present';

export interface Content {
  /**
   * A new stream at each call: a retry reads again, from `offset` bytes in.
   * @param onResume told where a transfer that was cut goes on
   */
  open(offset?: number, onResume?: (offset: number) => void): Readable;
  /**
   * Where the bytes lie in a file: a descriptor open for reading, which the caller closes. A push then reads into
   * memory that it uses again.
   */
  openFile?(): number;
}

export interface PushOptions extends CallOptions {
  readonly onBytes?: (bytes: number) => void;
  /** A transfer that was cut goes on from this byte: the store has what comes before. */
  readonly onResume?: (offset: number) => void;
  /** Repositories on the same registry that may hold the blob. */
  readonly mountFrom?: readonly string[];
  /** Whoever calls has just asked, and it is not there: it is sent without asking again. */
  readonly absent?: boolean;
  /**
   * Called for a referrer that is sent, and is to be listed in a tag that other clients write too. Who gives no such
   * function waits in the push until its entry stays.
   */
  readonly onListing?: (listed: Listed) => void;
}

/** How far a referrer has come in a list that several write. */
export interface Listed {
  /** It is in the list, and was read there. */
  readonly written: Promise<void>;
  /** It was seen to stay there, a while later. */
  readonly stays: Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** An image layout or a registry repository: something that holds content by digest and points tags at it. */
export interface Store {
  /** For messages: the layout's path or `registry/repository`. */
  readonly name: string;
  /** How many transfers it takes at the same time, at this moment. */
  readonly concurrency?: number;
  /** How many blobs may be sent to it at the same time, by what it can take now. */
  readonly uploads?: number;
  /** @throws TidegateError `not-found` when neither tag nor digest is there. */
  resolve(tagOrDigest: string, options?: CallOptions): Promise<Descriptor>;
  exists(descriptor: Descriptor, options?: CallOptions): Promise<boolean>;
  /** Blob or manifest as a stream that fails with `integrity` at its end unless size and digest are as described. */
  fetch(descriptor: Descriptor, options?: CallOptions): Promise<Readable>;
  /**
   * Unverified bytes from any offset, for the `push` of another store, which hashes what it sends. A store without
   * this is read through `fetch`.
   */
  content?(descriptor: Descriptor, options?: CallOptions): Content;
  /** The same as `fetch`, held in memory. At most `limit` bytes (default 4 MiB), refused before reading on. Bytes are verified. */
  fetchBytes(descriptor: Descriptor, options?: CallOptions & { readonly limit?: number }): Promise<Uint8Array>;
  /** A manifest or an index, parsed and checked; of a store that remembers those that it has read. */
  manifest?(descriptor: Descriptor): Promise<Manifest | Index>;
  /** Blob or manifest, told apart by the descriptor's media type. */
  push(descriptor: Descriptor, content: Content, options?: PushOptions): Promise<PushOutcome>;
  /**
   * Referrers of `subject` are about to be pushed: a list that has to be written for them is written when all are there.
   * @returns to be called then
   */
  expectReferrers?(subject: Digest): () => void;
  /** Point `tag` at content that is here. The exact bytes are sent again, by tag. */
  tag(descriptor: Descriptor, tag: string, options?: CallOptions): Promise<void>;
  /** Manifests whose `subject` is `subject`; `artifactType` filters. Annotations are the manifest's own. */
  referrers(subject: Digest, artifactType?: string, options?: CallOptions): Promise<readonly Descriptor[]>;
}
