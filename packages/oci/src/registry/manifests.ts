import type { IncomingMessage } from 'node:http';
import {
  badInput,
  type Descriptor,
  type Digest,
  digestOf,
  isDigest,
  isIndexType,
  isManifestType,
  isTag,
  MANIFEST_LIMIT,
  MediaType,
  parseDigest,
  TidegateError,
} from '@tidegate/core';
import { callAndRead } from '../http/response-body.ts';
import { discard, header } from '../http/responses.ts';
import type { CallOptions } from '../store.ts';
import { readAll } from '../verified.ts';
import type { Call, RegistryClient } from './client.ts';
import { invalidResponse } from './error.ts';

const ACCEPT = {
  accept: [MediaType.index, MediaType.manifest, MediaType.dockerList, MediaType.dockerManifest].join(', '),
} as const;

/** What a name pointed at when it was looked at. */
export interface Seen {
  readonly descriptor: Descriptor;
  /** As the registry gave it. Not every one does. */
  readonly etag: string | undefined;
}

/** A precondition of a write (RFC 9110, 13.1): the state that was seen, or none at all. */
export type Condition = { readonly 'if-match': string } | { readonly 'if-none-match': '*' };

/** Manifests of one repository: distribution-spec, "Pulling manifests" and "Pushing Manifests". */
export class Manifests {
  readonly #client: RegistryClient;

  constructor(client: RegistryClient) {
    this.#client = client;
  }

  /** @throws TidegateError `not-found` */
  async resolve(tagOrDigest: string, options: CallOptions): Promise<Descriptor> {
    return (await this.see(tagOrDigest, options)).descriptor;
  }

  /** @throws TidegateError `not-found` */
  async see(tagOrDigest: string, options: CallOptions): Promise<Seen> {
    if (!isDigest(tagOrDigest)) checkTag(tagOrDigest);
    const operation = `resolve of ${tagOrDigest}`;
    const call = {
      target: `manifests/${tagOrDigest}`,
      operation,
      answers: [200],
      headers: ACCEPT,
      ...options,
    } as const;
    const answer = await this.#client.call({ method: 'HEAD', ...call });
    await discard(answer);
    const digest = header(answer, 'docker-content-digest');
    const length = header(answer, 'content-length');
    let described: { digest: string; size: number; from: IncomingMessage };
    if (isDigest(digest) && length !== undefined && Number(length) > 0) {
      described = { digest, size: Number(length), from: answer };
    } else {
      // Not every registry (nor every proxy) keeps these headers on HEAD: then the content itself tells.
      described = await callAndRead(this.#client, { method: 'GET', ...call }, async (from) => {
        const bytes = await readAll(from, MANIFEST_LIMIT, this.#client.name);
        return { digest: digestOf(bytes), size: bytes.length, from };
      });
    }
    const mediaType = header(described.from, 'content-type')?.split(';')[0]?.trim() ?? '';
    if (!isDigest(described.digest) || !(isIndexType(mediaType) || isManifestType(mediaType))) {
      throw invalidResponse(
        this.#client.attempt(operation),
        `${JSON.stringify(mediaType.slice(0, 100))} is no manifest or index`,
      );
    }
    if (isDigest(tagOrDigest) && described.digest !== tagOrDigest) {
      throw new TidegateError(
        'integrity',
        `${this.#client.name}: asked for ${tagOrDigest}, the registry has ${described.digest}.`,
        {
          next: 'Do not use this registry until that is understood.',
        },
      );
    }
    const descriptor = { mediaType, digest: described.digest, size: described.size };
    return { descriptor, etag: header(described.from, 'etag') };
  }

  /** By digest: however often it arrives, the same is there. */
  async put(descriptor: Descriptor, bytes: Uint8Array, options: CallOptions): Promise<void> {
    const call = this.#putCall(descriptor.digest, descriptor.mediaType, bytes, options);
    await this.#stored(await this.#client.call({ ...call, answers: [201] }), descriptor.digest, descriptor.digest);
  }

  /**
   * One try: whoever may have been written over, or whose answer was lost, has to look before trying again.
   * @returns false when `condition` was given and did not hold
   * @throws RetryableError; TidegateError
   */
  async putTag(
    tag: string,
    mediaType: string,
    bytes: Uint8Array,
    condition: Condition | undefined,
    options: CallOptions,
  ): Promise<boolean> {
    const call = this.#putCall(tag, mediaType, bytes, options);
    const answer = await this.#client.once({
      ...call,
      answers: condition ? [201, 412] : [201],
      headers: { ...call.headers, ...condition },
    });
    if (answer.statusCode === 412) {
      await discard(answer);
      return false;
    }
    await this.#stored(answer, tag, digestOf(bytes));
    return true;
  }

  /** The manifest behind a tag with the exact bytes, or undefined. */
  async readTag(
    tag: string,
    options: CallOptions,
  ): Promise<{ readonly bytes: Buffer; readonly etag: string | undefined } | undefined> {
    const operation = `read of tag ${tag}`;
    const call = {
      method: 'GET',
      target: `manifests/${tag}`,
      operation,
      answers: [200, 404],
      headers: ACCEPT,
    } as const;
    return callAndRead(this.#client, { ...call, ...options }, async (answer) => {
      if (answer.statusCode !== 404) {
        return { bytes: await readAll(answer, MANIFEST_LIMIT, this.#client.name), etag: header(answer, 'etag') };
      }
      await discard(answer);
      return undefined;
    });
  }

  #putCall(reference: string, mediaType: string, body: Uint8Array, options: CallOptions) {
    const target = `manifests/${reference}`;
    const headers = { 'content-type': mediaType };
    const operation = `push of manifest ${reference}`;
    return { method: 'PUT', target, operation, push: true, headers, body, ...options } as const satisfies Omit<
      Call,
      'answers'
    >;
  }

  async #stored(answer: IncomingMessage, reference: string, digest: Digest): Promise<void> {
    await discard(answer);
    const said = header(answer, 'docker-content-digest');
    if (said === undefined || said === digest) return;
    const why = `it stored ${JSON.stringify(said.slice(0, 100))} instead`;
    throw invalidResponse(this.#client.attempt(`push of manifest ${reference}`), why);
  }
}

/**
 * "Only if it still is what was seen." A weak ETag never matches (RFC 9110, 13.1.1): it would refuse us for ever.
 * @returns undefined where the registry gives nothing to hold on to
 */
export function unchangedSince(seen: { readonly etag: string | undefined } | undefined): Condition | undefined {
  if (!seen) return { 'if-none-match': '*' };
  return seen.etag === undefined || seen.etag.startsWith('W/') ? undefined : { 'if-match': seen.etag };
}

export function isManifest({ mediaType }: Descriptor): boolean {
  return isIndexType(mediaType) || isManifestType(mediaType);
}

export function pathOf(descriptor: Descriptor): string {
  return `${isManifest(descriptor) ? 'manifests' : 'blobs'}/${parseDigest(descriptor.digest)}`;
}

export function checkTag(tag: string): void {
  if (isTag(tag)) return;
  throw badInput('tag', tag, 'a tag', 'A tag has at most 128 letters, digits, dots, dashes and underscores.');
}
