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
import { discard, header, readDocument } from '../http/responses.ts';
import {
  DEFAULT_RETRY,
  type RetryContext,
  type RetryEvent,
  type RetryPolicy,
  systemTiming,
  type Timing,
} from '../http/retry.ts';
import type { CallOptions, Content, PushOptions, PushOutcome, Store } from '../store.ts';
import { BYTES_LIMIT, readAll, refuseLarge, throwIfCancelled } from '../verified.ts';
import { RegistryCapabilities } from './capabilities.ts';
import { RegistryClient } from './client.ts';
import { RegistryContent } from './content.ts';
import { unreachable } from './error.ts';
import { checkTag, isManifest, Manifests, pathOf } from './manifests.ts';
import { Referrers } from './referrers.ts';
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
  /** Detected capabilities, shared by all registries of a run (default: not shared). */
  readonly capabilities?: RegistryCapabilities;
}

/** One repository of a registry (OCI distribution-spec 1.1). Close it when done. */
export class Registry implements Store {
  readonly registry: string;
  readonly repository: string;
  readonly #client: RegistryClient;
  readonly #connections: Connections;
  readonly #retry: RetryContext;
  readonly #limiter: AdaptiveLimiter;
  readonly #capabilities: RegistryCapabilities;
  readonly #manifests: Manifests;
  readonly #referrers: Referrers;
  readonly #content: RegistryContent;

  constructor(reference: Pick<Reference, 'registry' | 'repository'>, options: RegistryOptions = {}) {
    this.registry = reference.registry;
    this.repository = reference.repository;
    const timing = options.timing ?? systemTiming;
    const agent = options.userAgent ?? 'tidegate';
    this.#connections = new Connections(options);
    const endpoint = new Endpoint(reference.registry, options, this.#connections);
    this.#retry = { timing, policy: { ...DEFAULT_RETRY, ...options.retry }, onRetry: options.onRetry };
    this.#limiter = new AdaptiveLimiter(this.#retry);
    const authorizer = new Authorizer({
      registry: this.registry,
      endpoint,
      source: options.credentials,
      connections: this.#connections,
      timing,
      agent,
      tokenServices: options.tokenServices?.[this.registry],
      onSecret: options.onSecret,
    });
    this.#client = new RegistryClient({
      registry: this.registry,
      repository: this.repository,
      endpoint,
      connections: this.#connections,
      authorizer,
      retry: this.#retry,
      limiter: this.#limiter,
      agent,
    });
    this.#content = new RegistryContent(this.#client);
    this.#manifests = new Manifests(this.#client);
    this.#capabilities = options.capabilities ?? new RegistryCapabilities();
    this.#referrers = new Referrers(this.#client, this.#manifests, this.#capabilities, async (descriptor, call) =>
      parseManifest(await this.fetchBytes(descriptor, call), descriptor),
    );
  }

  get name(): string {
    return `${this.registry}/${this.repository}`;
  }

  close(): void {
    this.#connections.close();
  }

  async resolve(tagOrDigest: string, options: CallOptions = {}): Promise<Descriptor> {
    if (!isDigest(tagOrDigest)) checkTag(tagOrDigest);
    return this.#manifests.resolve(tagOrDigest, options);
  }

  async exists(descriptor: Descriptor, options: CallOptions = {}): Promise<boolean> {
    return this.#exists(descriptor, false, options);
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
    return this.#limiter.limit;
  }

  get uploads(): number {
    return this.#limiter.bodies;
  }

  async push(descriptor: Descriptor, content: Content, options: PushOptions = {}): Promise<PushOutcome> {
    if (isManifest(descriptor)) return this.#pushManifest(descriptor, content, options);
    const send = async (others: readonly string[]): Promise<PushOutcome> => {
      if (!options.absent && (await this.#exists(descriptor, true, options))) return 'present';
      const mountFrom = [...new Set([...others, ...(options.mountFrom ?? [])])];
      return new BlobUpload(this.#client, descriptor, content, { ...options, mountFrom }).run();
    };
    return this.#capabilities.blobs.ensure(this, descriptor.digest, send, options.signal);
  }

  expectReferrers(subject: Digest): () => void {
    return this.#referrers.expect(subject);
  }

  async tag(descriptor: Descriptor, tag: string, options: TagOptions = {}): Promise<void> {
    await this.moveTag(descriptor, tag, options);
  }

  /**
   * Like `tag`, and returns the outcome. An immutable tag that already points at the descriptor is not an error.
   * @throws TidegateError `conflict` when another client moved it, or it is immutable
   */
  async moveTag(descriptor: Descriptor, tag: string, options: TagOptions = {}): Promise<TagOutcome> {
    checkTag(tag);
    const call = options.signal ? { signal: options.signal } : {};
    const bytes = options.bytes ?? (await this.fetchBytes(descriptor, { ...call, limit: MANIFEST_LIMIT }));
    parseManifest(bytes, descriptor);
    return new TagMove(this.#client, this.#manifests, descriptor, tag, options).run(bytes);
  }

  async referrers(
    subject: Digest,
    artifactType?: string | undefined,
    options: CallOptions = {},
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
    const length = header(response, 'content-length');
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
    const call = options.signal ? { signal: options.signal } : {};
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
