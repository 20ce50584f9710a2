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
import { type ConnectionOptions, Connections } from '../http/http.ts';
import { discard, header } from '../http/responses.ts';
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
import { checkTag, isManifest, Manifests, pathOf } from './manifests.ts';
import { Referrers } from './referrers.ts';
import { TagMove, type TagOptions, type TagOutcome } from './tag-move.ts';
import { BlobUpload, cancelUpload } from './upload.ts';
import { Endpoint } from './url.ts';

export interface RegistryOptions extends ConnectionOptions {
  readonly credentials?: CredentialSource | undefined;
  /**
   * For a registry (as in the reference) the hosts, with port, that may be its token service; no other gets its
   * credentials then. Without, a known registry's own, and elsewhere any that is no private address.
   */
  readonly tokenServices?: Readonly<Record<string, readonly string[]>>;
  /** Told of every password and token before it is used, so that a log can take it out. */
  readonly onSecret?: (secret: string) => void;
  /** Hosts (with port, as in the reference) that are reached over plain http. On loopback, https is tried first. */
  readonly insecure?: readonly string[];
  readonly retry?: Partial<RetryPolicy>;
  readonly timing?: Timing;
  /** Told of every pause before another try. */
  readonly onRetry?: (event: RetryEvent) => void;
  readonly userAgent?: string;
  /** What is found out about a registry; one for all of a run (default: one for this object alone). */
  readonly knowledge?: RegistryCapabilities;
}

/** One repository of a registry (OCI distribution-spec 1.1). Close it when done. */
export class Registry implements Store {
  readonly registry: string;
  readonly repository: string;
  readonly #client: RegistryClient;
  readonly #connections: Connections;
  readonly #retry: RetryContext;
  readonly #pace: AdaptiveLimiter;
  readonly #knowledge: RegistryCapabilities;
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
    this.#pace = new AdaptiveLimiter(this.#retry);
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
      pace: this.#pace,
      agent,
    });
    this.#content = new RegistryContent(this.#client);
    this.#manifests = new Manifests(this.#client);
    this.#knowledge = options.knowledge ?? new RegistryCapabilities();
    this.#referrers = new Referrers(this.#client, this.#manifests, this.#knowledge, async (descriptor, call) =>
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
    return readAll(await this.fetch(descriptor, options), limit, this.name);
  }

  /** How many transfers may be under way: it follows how quickly the registry answers. */
  get concurrency(): number {
    return this.#pace.limit;
  }

  get uploads(): number {
    return this.#pace.bodies;
  }

  async push(descriptor: Descriptor, content: Content, options: PushOptions = {}): Promise<PushOutcome> {
    if (isManifest(descriptor)) return this.#pushManifest(descriptor, content, options);
    const send = async (others: readonly string[]): Promise<PushOutcome> => {
      if (!options.absent && (await this.#exists(descriptor, true, options))) return 'present';
      const mountFrom = [...new Set([...others, ...(options.mountFrom ?? [])])];
      return new BlobUpload(this.#client, descriptor, content, { ...options, mountFrom }).run();
    };
    return this.#knowledge.blobs.bring(this, descriptor.digest, send, options.signal);
  }

  expectReferrers(subject: Digest): () => void {
    return this.#referrers.expect(subject);
  }

  async tag(descriptor: Descriptor, tag: string, options: TagOptions = {}): Promise<void> {
    await this.moveTag(descriptor, tag, options);
  }

  /**
   * `tag`, and what came of it. A tag that the registry will not change is fine where it is right already.
   * @throws TidegateError `conflict` when it is somebody else's now, or may not be changed
   */
  async moveTag(descriptor: Descriptor, tag: string, options: TagOptions = {}): Promise<TagOutcome> {
    checkTag(tag);
    const call = options.signal ? { signal: options.signal } : {};
    const bytes = options.bytes ?? (await this.fetchBytes(descriptor, { ...call, limit: MANIFEST_LIMIT }));
    parseManifest(bytes, descriptor);
    return new TagMove(this.#client, this.#manifests, descriptor, tag, options).run(bytes);
  }

  async referrers(subject: Digest, artifactType?: string, options: CallOptions = {}): Promise<readonly Descriptor[]> {
    return this.#referrers.list(subject, artifactType, options);
  }

  /** Those of `wanted` that are there and found by their subject. */
  async listed(
    subject: Digest,
    wanted: readonly Descriptor[],
    options: CallOptions = {},
  ): Promise<readonly Descriptor[]> {
    return this.#referrers.listed(subject, wanted, options);
  }

  /**
   * Ask for permission to push before any work is done: an upload is begun and given up.
   * @throws TidegateError `unauthorized`, `not-found`, `network`, `registry`
   */
  async checkPush(options: CallOptions = {}): Promise<void> {
    const operation = 'check that pushing is allowed';
    const target = this.#client.url('blobs/uploads/');
    const body = new Uint8Array();
    const answer = await this.#client.call({
      method: 'POST',
      target,
      operation,
      answers: [202],
      push: true,
      body,
      ...options,
    });
    await discard(answer);
    const location = this.#client.location(answer, target, operation);
    await cancelUpload(this.#client, location, operation, options.signal);
    throwIfCancelled(options.signal, operation);
  }

  async #exists(descriptor: Descriptor, push: boolean, options: CallOptions): Promise<boolean> {
    const operation = `check for ${descriptor.digest}`;
    const headers = isManifest(descriptor) ? { accept: descriptor.mediaType } : {};
    const call = { method: 'HEAD', target: pathOf(descriptor), operation, answers: [200, 404], push, headers } as const;
    const answer = await this.#client.call({ ...call, signal: options.signal });
    await discard(answer);
    if (answer.statusCode === 404) return false;
    const length = header(answer, 'content-length');
    if (length === undefined || Number(length) === descriptor.size) return true;
    throw new TidegateError(
      'integrity',
      `${this.name}: ${descriptor.digest} has ${length} bytes there, and ${descriptor.size} as described.`,
      { next: 'One of the two is broken: compare them before going on.' },
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
      await this.#referrers.bring(descriptor, manifest, manifest.subject.digest, listing, put);
    } else await put();
    return present ? 'present' : 'sent';
  }
}
