import type { IncomingMessage } from 'node:http';
import { type Descriptor, hasCode } from '@tidegate/core';
import type { HttpBody } from '../http/http.ts';
import { discard, header } from '../http/responses.ts';
import { RetryableError, type RetryBudget, withRetry } from '../http/retry.ts';
import type { Content, PushOptions, PushOutcome } from '../store.ts';
import { readAll } from '../verified.ts';
import type { RegistryClient } from './client.ts';
import { invalidResponse, refusal } from './error.ts';
import { UploadBody } from './upload-body.ts';

/** After the last byte a registry may have to move and hash gigabytes before it answers. Milliseconds. */
const COMMIT = 300_000;
const CANCEL = 5_000;
const ERROR_TEXT_LIMIT = 64 * 1024;
/** What is tried after a 413, and how small it gets. Bytes. */
const CHUNK_FIRST = 64 * 1024 * 1024;
const CHUNK_LEAST = 1024 * 1024;

/**
 * distribution-spec, "Pushing blobs": mount where another repository has it, else POST and one PUT. When that is cut,
 * the registry is asked how far it got and the rest goes on from there (PATCH, PUT). Where a body is too large for the
 * registry or for the proxy before it (413), it goes in chunks.
 */
export class BlobUpload {
  readonly #client: RegistryClient;
  readonly #descriptor: Descriptor;
  readonly #options: PushOptions;
  readonly #operation: string;
  readonly #body: UploadBody;
  /** The session that is open, and how much of it the registry has confirmed. */
  #location: URL | undefined;
  #confirmed = 0;
  /** OCI-Chunk-Min-Length: what the registry wants a chunk to have at least. Bytes. */
  #least = 0;

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

  /** @returns whether it is ours now. If not, the session that the registry opened instead is used. */
  async #mount(from: string): Promise<boolean> {
    const target = this.#client.url('blobs/uploads/');
    target.searchParams.set('mount', this.#descriptor.digest);
    target.searchParams.set('from', from);
    let answer: IncomingMessage;
    try {
      answer = await this.#client.call({
        method: 'POST',
        target,
        operation: `mount of blob ${this.#descriptor.digest}`,
        answers: [201, 202],
        push: true,
        alsoPull: from,
        body: new Uint8Array(),
        signal: this.#options.signal,
      });
    } catch (error) {
      // A mount is a favour: who may not read the other repository, or has none, uploads.
      if (hasCode(error, 'unauthorized', 'not-found', 'registry', 'conflict')) return false;
      throw error;
    }
    await discard(answer);
    await this.#cancel();
    if (answer.statusCode === 201) return true;
    this.#open(answer, target);
    return false;
  }

  async #start(budget: RetryBudget): Promise<void> {
    const target = this.#client.url('blobs/uploads/');
    const answer = await this.#client.once({
      method: 'POST',
      target,
      operation: this.#operation,
      answers: [202],
      push: true,
      body: new Uint8Array(),
      signal: this.#options.signal,
    });
    await discard(answer);
    await this.#sendFrom(this.#open(answer, target), 0, budget);
  }

  #open(answer: IncomingMessage, base: URL): URL {
    this.#confirmed = 0;
    const least = header(answer, 'oci-chunk-min-length');
    this.#least = least !== undefined && /^\d{1,10}$/.test(least) ? Number(least) : 0;
    this.#location = this.#client.location(answer, base, this.#operation);
    return this.#location;
  }

  async #resume(budget: RetryBudget): Promise<void> {
    const location = this.#location as URL;
    const answer = await this.#client.once({
      method: 'GET',
      target: location,
      operation: this.#operation,
      answers: [200, 204, 400, 404, 405, 416],
      push: true,
      signal: this.#options.signal,
    });
    await discard(answer);
    if (answer.statusCode !== 204 && answer.statusCode !== 200) {
      // The session is gone: because all had arrived and only the answer was lost, or because it expired.
      this.#location = undefined;
      if (await this.#arrived()) return;
      return this.#start(budget);
    }
    const offset = confirmedBytes(header(answer, 'range'));
    if (offset > this.#descriptor.size)
      throw invalidResponse(this.#client.attempt(this.#operation), 'it has more than was sent');
    if (offset > this.#confirmed) budget.progress();
    this.#confirmed = offset;
    const moved =
      header(answer, 'location') === undefined ? location : this.#client.location(answer, location, this.#operation);
    this.#location = moved;
    if (offset > 0) this.#options.onResume?.(offset);
    await this.#sendFrom(moved, offset, budget, true);
  }

  /** @param begun a session that was taken up again is added to by PATCH, and then closed */
  async #sendFrom(location: URL, offset: number, budget: RetryBudget, begun = false): Promise<void> {
    const { size } = this.#descriptor;
    const limit = this.#client.bodyLimit;
    const chunked = size - offset > limit;
    if (!begun && !chunked && this.#client.onePiece) return this.#close(location, this.#body.from(0), budget);
    let [at, place] = [offset, location];
    while (at < size) {
      const end = Math.min(size, at + Math.max(limit, this.#least));
      place = await this.#append(place, at, end, budget);
      at = end;
      if (at < size) {
        this.#confirmed = at;
        budget.progress();
      }
    }
    await this.#close(place, undefined, budget);
  }

  /** Bytes up to `end` that the registry has not confirmed. @returns where the session goes on */
  async #append(location: URL, offset: number, end: number, budget: RetryBudget): Promise<URL> {
    const answer = await this.#try(budget, {
      method: 'PATCH',
      target: location,
      answers: [202, 201, 204],
      headers: { 'content-type': 'application/octet-stream', 'content-range': `${offset}-${end - 1}` },
      body: this.#body.from(offset, end),
    });
    this.#location = this.#client.location(answer, location, this.#operation);
    return this.#location;
  }

  async #close(location: URL, body: HttpBody | undefined, budget: RetryBudget): Promise<void> {
    const target = new URL(location);
    target.searchParams.set('digest', this.#descriptor.digest);
    const answer = await this.#try(budget, {
      method: 'PUT',
      target,
      answers: [201, 204],
      headers: { 'content-type': 'application/octet-stream' },
      body: body ?? new Uint8Array(),
    });
    const said = header(answer, 'docker-content-digest');
    if (said !== undefined && said !== this.#descriptor.digest) {
      throw invalidResponse(
        this.#client.attempt(this.#operation),
        `it stored ${JSON.stringify(said.slice(0, 100))} instead`,
      );
    }
    this.#location = undefined;
  }

  /** A session that is refused (expired, or at another offset than thought) is given up and begun anew. */
  async #try(
    budget: RetryBudget,
    call: {
      readonly method: 'PUT' | 'PATCH';
      readonly target: URL;
      readonly answers: readonly number[];
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array | HttpBody;
    },
  ): Promise<IncomingMessage> {
    const lost = [400, 404, 413, 416];
    const { signal } = this.#options;
    const send = () =>
      this.#client.once({
        ...call,
        operation: this.#operation,
        answers: [...call.answers, ...lost],
        push: true,
        signal,
        answerWithin: COMMIT,
      });
    const answer = await (call.body.length > 0 ? this.#client.parts.pace.sending(signal, send) : send());
    const status = answer.statusCode ?? 0;
    if (!lost.includes(status)) {
      await discard(answer);
      return answer;
    }
    const text = await readAll(answer, ERROR_TEXT_LIMIT, this.#client.name).then(String, () => '');
    const failure = refusal(this.#client.attempt(this.#operation), status, text);
    if (status === 413) {
      // Down to the least itself: nginx takes 1 MiB unless it is told otherwise.
      const quarter = Math.min(CHUNK_FIRST, Math.ceil(call.body.length / 4));
      const smaller = Math.max(CHUNK_LEAST, this.#least, quarter);
      if (smaller >= call.body.length) throw failure;
      this.#client.bodyLimit = Math.min(this.#client.bodyLimit, smaller);
      budget.progress();
      await this.#cancel();
    } else if (status === 404 && call.method === 'PUT' && call.body.length > 0 && /\bBLOB_UNKNOWN\b/.test(text)) {
      // Some Artifactory versions know of PATCH alone, as docker sends it (docker/buildx#196).
      this.#client.onePiece = false;
    } else if (status === 400 && !/BLOB_UPLOAD_(INVALID|UNKNOWN)/.test(text)) {
      // Only these say that the session is at fault; DIGEST_INVALID, SIZE_INVALID and the like would come again.
      throw failure;
    }
    this.#location = undefined;
    throw new RetryableError(failure);
  }

  async #arrived(): Promise<boolean> {
    const answer = await this.#client.once({
      method: 'HEAD',
      target: `blobs/${this.#descriptor.digest}`,
      operation: this.#operation,
      answers: [200, 404],
      push: true,
      signal: this.#options.signal,
    });
    await discard(answer);
    return answer.statusCode === 200;
  }

  async #cancel(): Promise<void> {
    if (!this.#location) return;
    const target = this.#location;
    this.#location = undefined;
    await cancelUpload(this.#client, target, this.#operation);
  }
}

/**
 * Best effort, and quick: a session that stays open expires by itself. Whether it can be given up says nothing of
 * pushing: not every registry can (405), and to distribution it is a deletion, which fewer may do than push.
 */
export async function cancelUpload(
  client: RegistryClient,
  target: URL,
  operation: string,
  signal?: AbortSignal,
): Promise<void> {
  const quick = AbortSignal.timeout(CANCEL);
  await client
    .once({
      method: 'DELETE',
      target,
      operation,
      answers: [202, 204, 200, 404, 405],
      push: true,
      favour: true,
      signal: signal ? AbortSignal.any([signal, quick]) : quick,
    })
    .then(discard, () => undefined);
}

/**
 * `Range: 0-99` after 100 bytes. `0-0` is what distribution says of none and the specification of one: it is taken for
 * none, and who has one then refuses the chunk that starts at 0.
 */
export function confirmedBytes(range: string | undefined): number {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(range?.trim() ?? '')?.[1];
  return last === undefined || last === '0' ? 0 : Number(last) + 1;
}
