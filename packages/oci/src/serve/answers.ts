import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Descriptor, type Digest, hasKind, isDigest, isTag, MANIFEST_LIMIT, MediaType } from '@tidegate/core';
import { isLoopback } from '../http/addresses.ts';
import type { Reached } from '../layout/graph.ts';
import type { ImageLayout } from '../layout/layout.ts';
import { CheckedBlobs } from './checked-blobs.ts';
import { type ByteRange, parseRange } from './range.ts';

/** Codes of the distribution specification, "Error Codes". */
type ErrorCode =
  | 'BLOB_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNSUPPORTED';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | { readonly blob: Descriptor; readonly range: ByteRange };
}

export interface ServedImage {
  readonly root: Descriptor;
  /** Repository in the registry: `acme/app`. */
  readonly repository: string;
  /** The only tag. */
  readonly tag: string;
}

const JSON_TYPE = 'application/json';
/** Longer paths and queries are not of this API. */
const URL_LIMIT = 2048;

/**
 * The reading half of the distribution specification (spec.md, "Pulling manifests", "Pulling blobs", "Listing
 * Referrers"), for the content of one layout. A path selects content by digest only; no part of it becomes a path on
 * disk.
 */
export class Answers {
  readonly #layout: ImageLayout;
  readonly #image: ServedImage;
  readonly #blobs: CheckedBlobs;
  #contents: ReadonlyMap<Digest, Reached> = new Map();

  constructor(layout: ImageLayout, image: ServedImage) {
    this.#layout = layout;
    this.#image = image;
    this.#blobs = new CheckedBlobs(layout);
  }

  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.#answer(request).catch(brokenContent);
    response.writeHead(status, { 'docker-distribution-api-version': 'registry/2.0', ...headers });
    if (request.method === 'HEAD' || body === undefined) response.end();
    else if (body instanceof Uint8Array) response.end(body);
    else await pipeline(await this.#blobs.open(body.blob, body.range), response);
  }

  async #answer({ method, url = '', headers }: IncomingMessage): Promise<Answer> {
    // A web page that a name of its own resolves to this machine (DNS rebinding) must not read the image.
    if (!isLoopbackHost(headers.host)) return failure(421, 'DENIED', 'this registry answers only as 127.0.0.1');
    if (method !== 'GET' && method !== 'HEAD') {
      const answer = failure(405, 'UNSUPPORTED', 'this registry is read-only');
      // The rest of the request, an upload, is not read.
      return { ...answer, headers: { ...answer.headers, allow: 'GET, HEAD', connection: 'close' } };
    }
    const [path = '', query = ''] = url.slice(0, URL_LIMIT).split('?', 2);
    // Some clients encode the colon of a digest.
    const parts = path.replaceAll(/%3a/gi, ':').split('/');
    if (parts[0] !== '' || parts[1] !== 'v2') return failure(404, 'UNSUPPORTED', 'this is an OCI registry: see /v2/');
    const rest = parts.slice(2).join('/');
    if (rest === '') return content(Buffer.from('{}'), JSON_TYPE);
    const prefix = `${this.#image.repository}/`;
    if (!rest.startsWith(prefix)) return failure(404, 'NAME_UNKNOWN', `only ${this.#image.repository} is here`);
    const [kind = '', reference = '', ...more] = rest.slice(prefix.length).split('/');
    if (more.length > 0) return failure(404, 'UNSUPPORTED', 'no such endpoint');
    const parameters = new URLSearchParams(query);
    switch (kind) {
      case 'manifests':
        return this.#manifest(reference);
      case 'blobs':
        return this.#blob(reference, headers.range);
      case 'referrers':
        return this.#referrers(reference, parameters.get('artifactType') ?? undefined);
      case 'tags':
        if (reference === 'list') return this.#tags(parameters);
    }
    return failure(404, 'UNSUPPORTED', 'no such endpoint');
  }

  async #manifest(reference: string): Promise<Answer> {
    const { tag, root } = this.#image;
    if (!isDigest(reference) && !isTag(reference)) return failure(404, 'MANIFEST_UNKNOWN', 'not a tag or digest');
    const digest = reference === tag ? root.digest : reference;
    const found = isDigest(digest) ? await this.#find(digest) : undefined;
    if (!found?.isManifest) return failure(404, 'MANIFEST_UNKNOWN', 'the layout has no such manifest');
    const { descriptor } = found;
    const bytes = await this.#layout.fetchBytes(descriptor, { limit: MANIFEST_LIMIT });
    return content(bytes, descriptor.mediaType, {
      'docker-content-digest': descriptor.digest,
      etag: `"${descriptor.digest}"`,
    });
  }

  async #blob(digest: string, range: string | undefined): Promise<Answer> {
    if (!isDigest(digest)) return failure(400, 'DIGEST_INVALID', 'not a sha256 digest');
    const found = await this.#find(digest);
    if (!found || found.isManifest) return failure(404, 'BLOB_UNKNOWN', 'the layout has no such blob');
    const { descriptor: blob } = found;
    await this.#blobs.check(blob);
    const part = parseRange(range, blob.size);
    if (part === 'unsatisfiable') {
      const answer = failure(416, 'SIZE_INVALID', `the blob has ${blob.size} bytes`);
      return { ...answer, headers: { ...answer.headers, 'content-range': `bytes */${blob.size}` } };
    }
    const { start, end } = part ?? { start: 0, end: blob.size - 1 };
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(end - start + 1),
      'docker-content-digest': digest,
      'accept-ranges': 'bytes',
      etag: `"${digest}"`,
    };
    if (blob.size === 0) return { status: 200, headers };
    const body = { blob, range: { start, end } };
    if (!part) return { status: 200, headers, body };
    return { status: 206, headers: { ...headers, 'content-range': `bytes ${start}-${end}/${blob.size}` }, body };
  }

  async #referrers(subject: string, artifactType: string | undefined): Promise<Answer> {
    if (!isDigest(subject)) return failure(400, 'DIGEST_INVALID', 'not a sha256 digest');
    const manifests = await this.#layout.referrers(subject, artifactType);
    const index = { schemaVersion: 2, mediaType: MediaType.index, manifests };
    const filtered = artifactType === undefined ? {} : { 'oci-filters-applied': 'artifactType' };
    return content(Buffer.from(JSON.stringify(index)), MediaType.index, filtered);
  }

  #tags(parameters: URLSearchParams): Answer {
    const { repository, tag } = this.#image;
    const isListed = (parameters.get('last') ?? '') < tag && parameters.get('n') !== '0';
    return content(Buffer.from(JSON.stringify({ name: repository, tags: isListed ? [tag] : [] })), JSON_TYPE);
  }

  /** Later steps add evidence to the layout, so unknown content is looked for again. */
  async #find(digest: Digest): Promise<Reached | undefined> {
    const known = this.#contents.get(digest);
    if (known) return known;
    this.#contents = await this.#layout.contents();
    return this.#contents.get(digest);
  }
}

function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname);
}

function content(body: Uint8Array, type: string, more: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': type, 'content-length': String(body.byteLength), ...more }, body };
}

function failure(status: number, code: ErrorCode, message: string): Answer {
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
  return { status, headers: { 'content-type': JSON_TYPE, 'content-length': String(body.byteLength) }, body };
}

/** Nothing of a damaged layout is sent, not even its length. */
function brokenContent(error: unknown): Answer {
  if (hasKind(error, 'not-found')) return failure(404, 'BLOB_UNKNOWN', 'the content is not in the layout');
  if (hasKind(error, 'layout', 'integrity')) return failure(500, 'DIGEST_INVALID', 'the layout is damaged');
  throw error;
}
