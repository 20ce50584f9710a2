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
  quoted,
  TidegateError,
} from '@tidegate/core';
import type { HttpResponse } from '../http/http-response.ts';
import { callAndRead } from '../http/response-body.ts';
import { discard, readDocument } from '../http/responses.ts';
import type { CallOptions } from '../store.ts';
import type { Call, RegistryClient } from './client.ts';
import { invalidResponse } from './error.ts';

const ACCEPT = {
  accept: [MediaType.index, MediaType.manifest, MediaType.dockerList, MediaType.dockerManifest].join(', '),
} as const;

/** State of a tag or digest when it was resolved. */
export interface TagState {
  readonly descriptor: Descriptor;
  /** As sent by the registry. Some send none. */
  readonly etag: string | undefined;
}

/** Precondition of a write (RFC 9110, 13.1): unchanged since it was read, or absent. */
export type Condition = { readonly 'if-match': string } | { readonly 'if-none-match': '*' };

/** Manifests of one repository: distribution-spec, "Pulling manifests" and "Pushing Manifests". */
export class Manifests {
  readonly #client: RegistryClient;

  constructor(client: RegistryClient) {
    this.#client = client;
  }

  /** @throws TidegateError `not-found` */
  async resolve(tagOrDigest: string, options: CallOptions): Promise<Descriptor> {
    return (await this.inspect(tagOrDigest, options)).descriptor;
  }

  /** @throws TidegateError `not-found` */
  async inspect(tagOrDigest: string, options: CallOptions): Promise<TagState> {
    if (!isDigest(tagOrDigest)) checkTag(tagOrDigest);
    const operation = `resolve of ${tagOrDigest}`;
    const call = {
      target: `manifests/${tagOrDigest}`,
      operation,
      statuses: [200],
      headers: ACCEPT,
      ...options,
    } as const;
    const response = await this.#client.call({ method: 'HEAD', ...call });
    await discard(response);
    const digest = response.headers['docker-content-digest'];
    const length = response.headers['content-length'];
    let described: { digest: string; size: number; from: HttpResponse };
    if (isDigest(digest) && length !== undefined && Number(length) > 0) {
      described = { digest, size: Number(length), from: response };
    } else {
      // Some registries and proxies drop these headers on HEAD: then read the content itself.
      described = await callAndRead(this.#client, { method: 'GET', ...call }, async (from) => {
        const bytes = await readDocument(from, MANIFEST_LIMIT, this.#client.name);
        return { digest: digestOf(bytes), size: bytes.length, from };
      });
    }
    const mediaType = described.from.headers['content-type']?.split(';')[0]?.trim() ?? '';
    if (!isDigest(described.digest) || !(isIndexType(mediaType) || isManifestType(mediaType))) {
      throw invalidResponse(
        this.#client.attempt(operation),
        `${quoted(mediaType, 100)} is not the media type of a manifest or index`,
      );
    }
    if (isDigest(tagOrDigest) && described.digest !== tagOrDigest) {
      throw new TidegateError(
        'registry-content-wrong',
        `${this.#client.name}: requested ${tagOrDigest}, but the registry returned ${described.digest}.`,
        {
          next: 'Do not use this registry until the cause is known.',
        },
      );
    }
    const descriptor = { mediaType, digest: described.digest, size: described.size };
    return { descriptor, etag: described.from.headers.etag };
  }

  /** Push by digest. Idempotent. */
  async put(descriptor: Descriptor, bytes: Uint8Array, options: CallOptions): Promise<void> {
    const call = this.#putCall(descriptor.digest, descriptor.mediaType, bytes, options);
    await this.#stored(await this.#client.call({ ...call, statuses: [201] }), descriptor.digest, descriptor.digest);
  }

  /**
   * Push by tag, without retries: after a lost response or a possible overwrite, the caller has to read the tag first.
   * @returns false when `condition` was given and failed
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
    const response = await this.#client.once({
      ...call,
      statuses: condition ? [201, 412] : [201],
      headers: { ...call.headers, ...condition },
    });
    if (response.statusCode === 412) {
      await discard(response);
      return false;
    }
    await this.#stored(response, tag, digestOf(bytes));
    return true;
  }

  /**
   * Delete by digest (distribution-spec, "Deleting Manifests"). Many registries do not allow it.
   * @returns the status: 2xx, 404 if it is gone already, or why it stays
   */
  async delete(digest: Digest, options: CallOptions): Promise<number> {
    const response = await this.#client.call({
      method: 'DELETE',
      target: `manifests/${parseDigest(digest)}`,
      operation: `removal of ${digest}`,
      statuses: 'final',
      push: true,
      ...options,
    });
    await discard(response);
    return response.statusCode ?? 0;
  }

  /** The exact bytes of the manifest behind a tag, or undefined. */
  async readTag(
    tag: string,
    options: CallOptions,
  ): Promise<{ readonly bytes: Buffer; readonly etag: string | undefined } | undefined> {
    const operation = `read of tag ${tag}`;
    const call = {
      method: 'GET',
      target: `manifests/${tag}`,
      operation,
      statuses: [200, 404],
      headers: ACCEPT,
    } as const;
    return callAndRead(this.#client, { ...call, ...options }, async (response) => {
      if (response.statusCode !== 404) {
        return {
          bytes: await readDocument(response, MANIFEST_LIMIT, this.#client.name),
          etag: response.headers.etag,
        };
      }
      await discard(response);
      return undefined;
    });
  }

  #putCall(reference: string, mediaType: string, body: Uint8Array, options: CallOptions) {
    const target = `manifests/${reference}`;
    const headers = { 'content-type': mediaType };
    const operation = `push of manifest ${reference}`;
    return { method: 'PUT', target, operation, push: true, headers, body, ...options } as const satisfies Omit<
      Call,
      'statuses'
    >;
  }

  async #stored(response: HttpResponse, reference: string, digest: Digest): Promise<void> {
    await discard(response);
    const reported = response.headers['docker-content-digest'];
    if (reported === undefined || reported === digest) return;
    const why = `the registry stored ${quoted(reported, 100)} instead`;
    throw invalidResponse(this.#client.attempt(`push of manifest ${reference}`), why);
  }
}

/**
 * Condition "unchanged since it was read". A weak ETag never matches (RFC 9110, 13.1.1), so every write would fail.
 * @returns undefined if the registry sent no usable ETag
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
  throw badInput(
    'tag-invalid',
    'tag',
    tag,
    'a tag',
    'A tag has at most 128 letters, digits, dots, dashes and underscores.',
  );
}
