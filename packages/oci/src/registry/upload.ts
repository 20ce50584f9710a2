import { type Descriptor, hasKind, quoted } from '@tidegate/core';
import type { HttpResponse } from '../http/http-response.ts';
import type { HttpBody } from '../http/request.ts';
import { discard, readDocument } from '../http/responses.ts';
import { RetryableError, type RetryBudget, withRetry } from '../http/retry.ts';
import type { Content, PushOptions, PushOutcome } from '../store.ts';
import type { RegistryClient } from './client.ts';
import { invalidResponse, refusal } from './error.ts';
import { UploadBody } from './upload-body.ts';

/** Timeout after the last byte: a registry may have to move and hash gigabytes before it responds. Milliseconds. */
const COMMIT_TIMEOUT = 300_000;
const CANCEL_TIMEOUT = 5_000;
const ERROR_TEXT_LIMIT = 64 * 1024;
/** Largest and smallest chunk size after a 413. Bytes. */
const MAX_CHUNK = 64 * 1024 * 1024;
const MIN_CHUNK = 1024 * 1024;

/**
 * distribution-spec, "Pushing blobs": mount if another repository has the blob, else POST and one PUT. An interrupted
 * upload resumes at the offset that the registry reports (PATCH, PUT). If a body is too large for the registry or for a
 * proxy in front of it (413), the blob is sent in chunks.
 */
export class BlobUpload {
  readonly #client: RegistryClient;
  readonly #descriptor: Descriptor;
  readonly #options: PushOptions;
  readonly #operation: string;
  readonly #body: UploadBody;
  /** The open upload session, and the number of bytes that the registry has confirmed. */
  #location: URL | undefined;
  #confirmed = 0;
  /** OCI-Chunk-Min-Length: minimum chunk size of the registry. Bytes. */
  #minChunk = 0;

  constructor(client: RegistryClient, descriptor: Descriptor, content: Content, options: PushOptions) {
    this.#client = client;
    this.#descriptor = descriptor;
    this.#options = options;
    this.#operation = `push of blob ${descriptor.digest}`;
    const { buffers } = client.parts.connections;
    this.#body = new UploadBody(descriptor, content, client.name, buffers, options.onBytes);
  }

  async run(): Promise<PushOutcome> {
    try {
      for (const from of this.#options.mountFrom ?? []) if (await this.#mount(from)) return 'mounted';
      let untouched = this.#location !== undefined;
      await withRetry(this.#client.parts.retry, this.#options.signal, async (budget) => {
        if (!this.#location) return this.#start(budget);
        if (!untouched) return this.#resume(budget);
        untouched = false;
        return this.#sendFrom(this.#location, 0, budget);
      });
      return 'sent';
    } catch (error) {
      await this.#cancel();
      throw error;
    }
  }

  /** @returns whether it was mounted. If not, the session that the registry opened instead is used. */
  async #mount(from: string): Promise<boolean> {
    const target = this.#client.url('blobs/uploads/');
    target.searchParams.set('mount', this.#descriptor.digest);
    target.searchParams.set('from', from);
    let response: HttpResponse;
    try {
      response = await this.#client.call({
        method: 'POST',
        target,
        operation: `mount of blob ${this.#descriptor.digest}`,
        statuses: [201, 202],
        push: true,
        alsoPull: from,
        body: new Uint8Array(),
        signal: this.#options.signal,
      });
    } catch (error) {
      // A mount is an optimization: upload if the other repository is not readable or does not exist.
      if (hasKind(error, 'unauthorized', 'not-found', 'registry', 'conflict')) return false;
      throw error;
    }
    await discard(response);
    await this.#cancel();
    if (response.statusCode === 201) return true;
    this.#open(response, target);
    return false;
  }

  async #start(budget: RetryBudget): Promise<void> {
    const target = this.#client.url('blobs/uploads/');
    const response = await this.#client.once({
      method: 'POST',
      target,
      operation: this.#operation,
      statuses: [202],
      push: true,
      body: new Uint8Array(),
      signal: this.#options.signal,
    });
    await discard(response);
    await this.#sendFrom(this.#open(response, target), 0, budget);
  }

  #open(response: HttpResponse, base: URL): URL {
    this.#confirmed = 0;
    const least = response.headers['oci-chunk-min-length'];
    this.#minChunk = least !== undefined && /^\d{1,10}$/.test(least) ? Number(least) : 0;
    this.#location = this.#client.location(response, base, this.#operation);
    return this.#location;
  }

  async #resume(budget: RetryBudget): Promise<void> {
    const location = this.#location as URL;
    const response = await this.#client.once({
      method: 'GET',
      target: location,
      operation: this.#operation,
      statuses: [200, 204, 400, 404, 405, 416],
      push: true,
      signal: this.#options.signal,
    });
    await discard(response);
    if (response.statusCode !== 204 && response.statusCode !== 200) {
      // The session is gone: the upload was complete and only the response was lost, or the session expired.
      this.#location = undefined;
      if (await this.#arrived()) return;
      return this.#start(budget);
    }
    const offset = confirmedBytes(response.headers.range);
    if (offset > this.#descriptor.size)
      throw invalidResponse(this.#client.attempt(this.#operation), 'the registry reports more bytes than were sent');
    if (offset > this.#confirmed) budget.progress();
    this.#confirmed = offset;
    const moved =
      response.headers.location === undefined ? location : this.#client.location(response, location, this.#operation);
    this.#location = moved;
    if (offset > 0) this.#options.onResume?.(offset);
    await this.#sendFrom(moved, offset, budget, true);
  }

  /** @param begun whether the session has been resumed: the rest is then appended by PATCH before it is closed */
  async #sendFrom(location: URL, offset: number, budget: RetryBudget, begun = false): Promise<void> {
    const { size } = this.#descriptor;
    const limit = this.#client.bodyLimit;
    const chunked = size - offset > limit;
    if (!begun && !chunked && this.#client.monolithicUpload) return this.#close(location, this.#body.from(0), budget);
    let [at, place] = [offset, location];
    while (at < size) {
      const end = Math.min(size, at + Math.max(limit, this.#minChunk));
      place = await this.#append(place, at, end, budget);
      at = end;
      if (at < size) {
        this.#confirmed = at;
        budget.progress();
      }
    }
    await this.#close(place, undefined, budget);
  }

  /** Send bytes up to `end` that the registry has not confirmed. @returns the next location of the session */
  async #append(location: URL, offset: number, end: number, budget: RetryBudget): Promise<URL> {
    const response = await this.#try(budget, {
      method: 'PATCH',
      target: location,
      statuses: [202, 201, 204],
      headers: { 'content-type': 'application/octet-stream', 'content-range': `${offset}-${end - 1}` },
      body: this.#body.from(offset, end),
    });
    this.#location = this.#client.location(response, location, this.#operation);
    return this.#location;
  }

  async #close(location: URL, body: HttpBody | undefined, budget: RetryBudget): Promise<void> {
    const target = new URL(location);
    target.searchParams.set('digest', this.#descriptor.digest);
    const response = await this.#try(budget, {
      method: 'PUT',
      target,
      statuses: [201, 204],
      headers: { 'content-type': 'application/octet-stream' },
      body: body ?? new Uint8Array(),
    });
    const reported = response.headers['docker-content-digest'];
    if (reported !== undefined && reported !== this.#descriptor.digest) {
      throw invalidResponse(this.#client.attempt(this.#operation), `it stored ${quoted(reported, 100)} instead`);
    }
    this.#location = undefined;
  }

  /** Send one part. A rejected session (expired, or at an unexpected offset) is abandoned and started again. */
  async #try(
    budget: RetryBudget,
    call: {
      readonly method: 'PUT' | 'PATCH';
      readonly target: URL;
      readonly statuses: readonly number[];
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array | HttpBody;
    },
  ): Promise<HttpResponse> {
    const lost = [400, 404, 413, 416];
    const { signal } = this.#options;
    const send = () =>
      this.#client.once({
        ...call,
        operation: this.#operation,
        statuses: [...call.statuses, ...lost],
        push: true,
        signal,
        responseTimeout: COMMIT_TIMEOUT,
      });
    const response = await (call.body.length > 0 ? this.#client.parts.limiter.withSlot(signal, send) : send());
    const status = response.statusCode ?? 0;
    if (!lost.includes(status)) {
      await discard(response);
      return response;
    }
    const text = await readDocument(response, ERROR_TEXT_LIMIT, this.#client.name).then(String, () => '');
    const failure = refusal(this.#client.attempt(this.#operation, true), status, text);
    if (status === 413) {
      // Down to the minimum: the default limit of nginx is 1 MiB.
      const quarter = Math.min(MAX_CHUNK, Math.ceil(call.body.length / 4));
      const smaller = Math.max(MIN_CHUNK, this.#minChunk, quarter);
      if (smaller >= call.body.length) throw failure;
      this.#client.bodyLimit = Math.min(this.#client.bodyLimit, smaller);
      budget.progress();
      await this.#cancel();
    } else if (status === 404 && call.method === 'PUT' && call.body.length > 0 && /\bBLOB_UNKNOWN\b/.test(text)) {
      // Some Artifactory versions support only PATCH, as docker uses it (docker/buildx#196).
      this.#client.monolithicUpload = false;
    } else if (status === 400 && !/BLOB_UPLOAD_(INVALID|UNKNOWN)/.test(text)) {
      // Only these codes blame the session; DIGEST_INVALID, SIZE_INVALID and the like would repeat.
      throw failure;
    }
    this.#location = undefined;
    throw new RetryableError(failure);
  }

  async #arrived(): Promise<boolean> {
    const response = await this.#client.once({
      method: 'HEAD',
      target: `blobs/${this.#descriptor.digest}`,
      operation: this.#operation,
      statuses: [200, 404],
      push: true,
      signal: this.#options.signal,
    });
    await discard(response);
    return response.statusCode === 200;
  }

  async #cancel(): Promise<void> {
    if (!this.#location) return;
    const target = this.#location;
    this.#location = undefined;
    await cancelUpload(this.#client, target, this.#operation);
  }
}

/**
 * Cancel an upload: best effort with a short timeout, because an open session expires by itself. A failure says nothing
 * about the permission to push: some registries do not support it (405), and for distribution it is a delete, which
 * needs more permissions.
 */
export async function cancelUpload(
  client: RegistryClient,
  target: URL,
  operation: string,
  signal?: AbortSignal,
): Promise<void> {
  const quick = AbortSignal.timeout(CANCEL_TIMEOUT);
  await client
    .once({
      method: 'DELETE',
      target,
      operation,
      statuses: [202, 204, 200, 404, 405],
      push: true,
      bestEffort: true,
      signal: signal ? AbortSignal.any([signal, quick]) : quick,
    })
    .then(discard, () => undefined);
}

/**
 * `Range: 0-99` after 100 bytes. `0-0` means 0 bytes for distribution and 1 byte in the specification. It is read as 0;
 * a registry that has 1 byte then rejects the chunk that starts at 0.
 */
export function confirmedBytes(range: string | undefined): number {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(range?.trim() ?? '')?.[1];
  return last === undefined || last === '0' ? 0 : Number(last) + 1;
}
