import type { Readable } from 'node:stream';
import {
  type Descriptor,
  type Digest,
  isDigest,
  MANIFEST_LIMIT,
  parseManifest,
  type Reference,
  TidegateError,
} from '@tidegate/core';
import { Authorizer } from '../auth/auth.ts';
import type { CredentialSource } from '../auth/credentials.ts';
import { AdaptiveLimiter } from '../http/adaptive-limiter.ts';
import { ConnectionFailure, TimeoutFailure } from '../http/connection-failure.ts';
import { Connections } from '../http/http.ts';
import type { ConnectionOptions } from '../http/request.ts';
import { discard, readDocument } from '../http/responses.ts';
import { DEFAULT_RETRY, type RetryEvent, type RetryPolicy, systemTiming, type Timing } from '../http/retry.ts';
import type { CallOptions, Content, PushOptions, PushOutcome, ReferrersOptions, Store } from '../store.ts';
import { BYTES_LIMIT, readAll, refuseLarge, throwIfCancelled } from '../verified.ts';
import { type ClientParts, RegistryClient } from './client.ts';
import { RegistryContent } from './content.ts';
import { unreachable } from './error.ts';
import { checkTag, isManifest, Manifests, pathOf } from './manifests.ts';
import { Referrers, type Removal } from './referrers.ts';
import { SharedUploads } from './shared-uploads.ts';
import { listTags } from './tag-list.ts';
import { TagMove, type TagOptions, type TagOutcome } from './tag-move.ts';
import { BlobUpload, cancelUpload } from './upload.ts';
import { Endpoint } from './url.ts';

/**
 * Time for content that is read into memory, with its retries: long enough for a slow line, but not without an end for
 * a server that sends a byte now and then. Milliseconds, and bytes in each.
 */
const FETCH_TIME = 600_000;
const FETCH_SPEED = 16;

export interface RegistryOptions extends ConnectionOptions {
  readonly credentials?: CredentialSource | undefined;
  /**
   * Allowed token services (hosts with port) by registry (as in the reference); no other host gets its credentials.
   * Default: the known one of a known registry, otherwise any public address.
   */
  readonly tokenServices?: Readonly<Record<string, readonly string[]>>;
  /** Called with every password and token before it is used, so that logs can mask it. */
  readonly onSecret?: (secret: string) => void;
  /** Hosts (with port, as in the reference) allowed over plain HTTP. On loopback, https is tried first. */
  readonly insecure?: readonly string[];
  readonly retry?: Partial<RetryPolicy>;
  readonly timing?: Timing;
  /** Called before every retry. */
  readonly onRetry?: (event: RetryEvent) => void;
  readonly userAgent?: string;
  /** A repository of the same registry and login, whose connections, tokens and limits are used as well. */
  readonly beside?: Registry | undefined;
}

function partsOf(registry: string, options: RegistryOptions): Omit<ClientParts, 'repository'> {
  const timing = options.timing ?? systemTiming;
  const agent = options.userAgent ?? 'tidegate';
  const connections = new Connections(options);
  const endpoint = new Endpoint(registry, options, connections);
  const retry = { timing, policy: { ...DEFAULT_RETRY, ...options.retry }, onRetry: options.onRetry };
  const authorizer = new Authorizer({
    ...{ registry, endpoint, connections, timing, agent },
    source: options.credentials,
    tokenServices: options.tokenServices?.[registry],
    onSecret: options.onSecret,
  });
  return { registry, endpoint, connections, authorizer, retry, limiter: new AdaptiveLimiter(retry), agent };
}

/** One repository of a registry (OCI distribution-spec 1.1). Close it when done. */
export class Registry implements Store {
  readonly registry: string;
  readonly repository: string;
  readonly #client: RegistryClient;
  readonly #parts: Omit<ClientParts, 'repository'>;
  readonly #uploads = new SharedUploads();
  readonly #manifests: Manifests;
  readonly #referrers: Referrers;
  readonly #content: RegistryContent;

  constructor(reference: Pick<Reference, 'registry' | 'repository'>, options: RegistryOptions = {}) {
    this.registry = reference.registry;
    this.repository = reference.repository;
    this.#parts = options.beside ? options.beside.#parts : partsOf(reference.registry, options);
    if (this.#parts.registry !== this.registry) throw new Error(`${this.registry} is not ${this.#parts.registry}`);
    this.#client = new RegistryClient({ ...this.#parts, repository: this.repository });
    this.#content = new RegistryContent(this.#client);
    this.#manifests = new Manifests(this.#client);
    this.#referrers = new Referrers(this.#client, this.#manifests, async (descriptor, call) =>
      parseManifest(await this.fetchBytes(descriptor, call), descriptor),
    );
  }

  get name(): string {
    return `${this.registry}/${this.repository}`;
  }

  /** Also for those beside it. */
  close(): void {
    this.#parts.connections.close();
  }

  async resolve(tagOrDigest: string, options: CallOptions = {}): Promise<Descriptor> {
    if (!isDigest(tagOrDigest)) checkTag(tagOrDigest);
    return this.#manifests.resolve(tagOrDigest, options);
  }

  async exists(descriptor: Descriptor, options: CallOptions = {}): Promise<boolean> {
    return this.#exists(descriptor, false, options);
  }

  /** All tags, at most one more than `most`. @throws TidegateError `not-found` for a repository without any push */
  async tags(most: number, options: CallOptions = {}): Promise<readonly string[]> {
    return listTags(this.#client, most, options);
  }

  content(descriptor: Descriptor, options: CallOptions = {}): Content {
    return this.#content.of(descriptor, options);
  }

  async fetch(descriptor: Descriptor, options: CallOptions = {}): Promise<Readable> {
    return this.#content.fetch(descriptor, options);
  }

  async fetchBytes(descriptor: Descriptor, options: CallOptions & { readonly limit?: number } = {}): Promise<Buffer> {
    const limit = options.limit ?? BYTES_LIMIT;
    refuseLarge(descriptor, limit, this.name);
    const body = await this.fetch(descriptor, options);
    return readDocument(body, limit, this.name, FETCH_TIME + limit / FETCH_SPEED).catch((error: unknown) => {
      if (!(error instanceof TimeoutFailure)) throw error;
      throw unreachable(this.#client.attempt(`read of ${descriptor.digest}`), new ConnectionFailure(error));
    });
  }

  /** Current limit of concurrent transfers, adapted to the registry's response times. */
  get concurrency(): number {
    return this.#parts.limiter.limit;
  }

  get uploads(): number {
    return this.#parts.limiter.bodies;
  }

  async push(descriptor: Descriptor, content: Content, options: PushOptions = {}): Promise<PushOutcome> {
    if (isManifest(descriptor)) return this.#pushManifest(descriptor, content, options);
    const send = async (): Promise<PushOutcome> => {
      if (!options.absent && (await this.#exists(descriptor, true, options))) return 'present';
      return new BlobUpload(this.#client, descriptor, content, options).run();
    };
    return this.#uploads.once(descriptor.digest, send, options.signal);
  }

  expectReferrers(subject: Digest): () => void {
    return this.#referrers.expect(subject);
  }

  /**
   * Point `tag` at a manifest that is in the repository: its exact bytes are sent again, by tag. An immutable tag that
   * already points at the descriptor is not an error.
   * @throws TidegateError `conflict` when another client moved it, or it is immutable
   */
  async moveTag(descriptor: Descriptor, tag: string, options: TagOptions = {}): Promise<TagOutcome> {
    checkTag(tag);
    const call = { signal: options.signal };
    const bytes = options.bytes ?? (await this.fetchBytes(descriptor, { ...call, limit: MANIFEST_LIMIT }));
    parseManifest(bytes, descriptor);
    return new TagMove(this.#client, this.#manifests, descriptor, tag, options).run(bytes);
  }

  async referrers(
    subject: Digest,
    artifactType?: string | undefined,
    options: ReferrersOptions = {},
  ): Promise<readonly Descriptor[]> {
    return this.#referrers.list(subject, artifactType, options);
  }

  /** Those of `wanted` that exist and are listed as referrers of `subject`. */
  async listed(
    subject: Digest,
    wanted: readonly Descriptor[],
    options: CallOptions = {},
  ): Promise<readonly Descriptor[]> {
    return this.#referrers.listed(subject, wanted, options);
  }

  /** Take referrers of `subject` off its list and delete their manifests. A registry that deletes nothing is no error. */
  async removeReferrers(subject: Digest, digests: readonly Digest[], options: CallOptions = {}): Promise<Removal> {
    return this.#referrers.remove(subject, digests, options);
  }

  /**
   * Check the permission to push before any work is done: starts an upload and cancels it.
   * @throws TidegateError `unauthorized`, `not-found`, `network`, `registry`
   */
  async checkPush(options: CallOptions = {}): Promise<void> {
    const operation = 'check of the permission to push';
    const target = this.#client.url('blobs/uploads/');
    const body = new Uint8Array();
    const response = await this.#client.call({
      method: 'POST',
      target,
      operation,
      statuses: [202],
      push: true,
      body,
      ...options,
    });
    await discard(response);
    const location = this.#client.location(response, target, operation);
    await cancelUpload(this.#client, location, operation, options.signal);
    throwIfCancelled(options.signal, operation);
  }

  async #exists(descriptor: Descriptor, push: boolean, options: CallOptions): Promise<boolean> {
    const operation = `check for ${descriptor.digest}`;
    const headers = isManifest(descriptor) ? { accept: descriptor.mediaType } : {};
    const call = {
      method: 'HEAD',
      target: pathOf(descriptor),
      operation,
      statuses: [200, 404],
      push,
      headers,
    } as const;
    const response = await this.#client.call({ ...call, signal: options.signal });
    await discard(response);
    if (response.statusCode === 404) return false;
    const length = response.headers['content-length'];
    if (length === undefined || Number(length) === descriptor.size) return true;
    throw new TidegateError(
      'registry-content-wrong',
      `${this.name}: ${descriptor.digest} has ${length} bytes in the registry, but ${descriptor.size} according to its descriptor.`,
      { next: 'Compare the two before you continue: one of them is corrupt.' },
    );
  }

  async #pushManifest(descriptor: Descriptor, content: Content, options: PushOptions): Promise<PushOutcome> {
    const bytes = await readAll(content.open(), MANIFEST_LIMIT, this.name);
    const manifest = parseManifest(bytes, descriptor);
    const call = { signal: options.signal };
    const present = !options.absent && (await this.#exists(descriptor, true, call));
    const put = async () => {
      if (!present) await this.#manifests.put(descriptor, bytes, call);
    };
    if (manifest.subject) {
      const { onListing } = options;
      const listing = onListing ? { ...call, onListing } : call;
      await this.#referrers.push(descriptor, manifest, manifest.subject.digest, listing, put);
    } else await put();
    return present ? 'present' : 'sent';
  }
}
