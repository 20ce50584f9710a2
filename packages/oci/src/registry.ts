import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import {
  badInput,
  type Descriptor,
  type Digest,
  digestOf,
  hasCode,
  isDigest,
  isIndexType,
  isManifestType,
  isTag,
  MANIFEST_LIMIT,
  MediaType,
  parseDigest,
  parseManifest,
  parseStrictJson,
  type Reference,
  TidegateError,
} from '@tidegate/core';
import { Authorizer, isLoopback } from './auth.ts';
import type { CredentialSource } from './credentials.ts';
import { download } from './download.ts';
import { type ConnectionOptions, Connections, discard, header } from './http.ts';
import { nextPage, Referrers } from './referrers.ts';
import { RegistryClient } from './registry-client.ts';
import { nonsense } from './registry-error.ts';
import {
  DEFAULT_RETRY,
  type RetryContext,
  type RetryEvent,
  type RetryPolicy,
  systemTiming,
  type Timing,
} from './retry.ts';
import type { CallOptions, Content, PushOutcome, Store } from './store.ts';
import { BlobUpload } from './upload.ts';
import { BYTES_LIMIT, readAll, refuseLarge, verified } from './verified.ts';

const MANIFEST_TYPES = [MediaType.index, MediaType.manifest, MediaType.dockerList, MediaType.dockerManifest];
const TAG_PAGES = 1000;

export interface RegistryOptions extends ConnectionOptions {
  readonly credentials?: CredentialSource | undefined;
  /** Hosts (with port, as in the reference) that may be spoken to in plain http. Loopback may always, unless `ca` is given. */
  readonly insecure?: readonly string[];
  readonly retry?: Partial<RetryPolicy>;
  readonly timing?: Timing;
  /** Told of every pause before another try. */
  readonly onRetry?: (event: RetryEvent) => void;
  readonly userAgent?: string;
}

/** One repository of a registry (OCI distribution-spec 1.1). Close it when done. */
export class Registry implements Store {
  readonly registry: string;
  readonly repository: string;
  readonly #client: RegistryClient;
  readonly #connections: Connections;
  readonly #retry: RetryContext;
  readonly #referrers: Referrers;

  constructor(reference: Pick<Reference, 'registry' | 'repository'>, options: RegistryOptions = {}) {
    this.registry = reference.registry;
    this.repository = reference.repository;
    const timing = options.timing ?? systemTiming;
    const agent = options.userAgent ?? 'tidegate';
    const url = registryUrl(reference.registry, options);
    this.#connections = new Connections(options);
    this.#retry = { timing, policy: { ...DEFAULT_RETRY, ...options.retry }, onRetry: options.onRetry };
    const authorizer = new Authorizer({
      registry: this.registry,
      url,
      source: options.credentials,
      connections: this.#connections,
      timing,
      agent,
    });
    this.#client = new RegistryClient({
      registry: this.registry,
      repository: this.repository,
      url,
      connections: this.#connections,
      authorizer,
      retry: this.#retry,
      agent,
    });
    this.#referrers = new Referrers(this.#client, {
      readTag: (tag, call) => this.#readTag(tag, call),
      writeTag: (tag, mediaType, bytes, ifMatch, call) => this.#putManifest(tag, mediaType, bytes, ifMatch, call),
      readManifest: async (descriptor, call) => parseManifest(await this.fetchBytes(descriptor, call), descriptor),
    });
  }

  get name(): string {
    return `${this.registry}/${this.repository}`;
  }

  close(): void {
    this.#connections.close();
  }

  async resolve(tagOrDigest: string, options: CallOptions = {}): Promise<Descriptor> {
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
    let described: { digest: string; size: number; type: string | undefined };
    if (isDigest(digest) && length !== undefined && Number(length) > 0) {
      described = { digest, size: Number(length), type: header(answer, 'content-type') };
    } else {
      // Not every registry (nor every proxy) keeps these headers on HEAD: then the content itself tells.
      const whole = await this.#client.call({ method: 'GET', ...call });
      const bytes = await readAll(whole, MANIFEST_LIMIT, this.name);
      described = { digest: digestOf(bytes), size: bytes.length, type: header(whole, 'content-type') };
    }
    const mediaType = described.type?.split(';')[0]?.trim() ?? '';
    if (!isDigest(described.digest) || !(isIndexType(mediaType) || isManifestType(mediaType))) {
      throw nonsense(
        this.#client.attempt(operation),
        `${JSON.stringify(mediaType.slice(0, 100))} is no manifest or index`,
      );
    }
    if (isDigest(tagOrDigest) && described.digest !== tagOrDigest) {
      throw new TidegateError(
        'integrity',
        `${this.name}: asked for ${tagOrDigest}, the registry has ${described.digest}.`,
        {
          next: 'Do not use this registry until that is understood.',
        },
      );
    }
    return { mediaType, digest: described.digest, size: described.size };
  }

  async exists(descriptor: Descriptor, options: CallOptions = {}): Promise<boolean> {
    return this.#exists(descriptor, false, options);
  }

  content(descriptor: Descriptor, options: CallOptions = {}): Content {
    return {
      open: (offset = 0) => {
        const body = download(this.#client, descriptor, (at) => this.#open(descriptor, at, options), offset, options);
        return Readable.from(body, { objectMode: false });
      },
    };
  }

  async fetch(descriptor: Descriptor, options: CallOptions = {}): Promise<Readable> {
    // The first answer is awaited, so that what is not there is said here and not in the stream.
    const first = await this.#open(descriptor, 0, options);
    const open = (at: number): Promise<IncomingMessage> => this.#open(descriptor, at, options);
    const body = Readable.from(download(this.#client, descriptor, open, 0, options, first), { objectMode: false });
    // A generator that nobody has begun to read has no `finally` that would run.
    body.once('close', () => first.destroy());
    return verified(body, descriptor, this.name);
  }

  async fetchBytes(descriptor: Descriptor, options: CallOptions & { readonly limit?: number } = {}): Promise<Buffer> {
    const limit = options.limit ?? BYTES_LIMIT;
    refuseLarge(descriptor, limit, this.name);
    return readAll(await this.fetch(descriptor, options), limit, this.name);
  }

  async push(
    descriptor: Descriptor,
    content: Content,
    options: CallOptions & { readonly onBytes?: (bytes: number) => void; readonly mountFrom?: readonly string[] } = {},
  ): Promise<PushOutcome> {
    if (isManifest(descriptor)) return this.#pushManifest(descriptor, content, options);
    if (await this.#exists(descriptor, true, options)) return 'present';
    return new BlobUpload(this.#client, descriptor, content, options).run();
  }

  async tag(descriptor: Descriptor, tag: string, options: CallOptions = {}): Promise<void> {
    checkTag(tag);
    const bytes = await this.fetchBytes(descriptor, { ...options, limit: MANIFEST_LIMIT });
    let refusal: unknown;
    try {
      await this.#putManifest(tag, descriptor.mediaType, bytes, undefined, options);
    } catch (error) {
      // Immutable tags: Harbor answers 412, ECR 400. And an answer may be lost after the write. What is there decides.
      if (!hasCode(error, 'conflict', 'registry', 'network')) throw error;
      refusal = error;
    }
    const found = await this.resolve(tag, options).catch((error: unknown) => {
      if (refusal === undefined || !hasCode(error, 'not-found', 'registry', 'network')) throw error;
      return undefined;
    });
    if (found?.digest === descriptor.digest) return;
    if (!found) throw refusal;
    throw new TidegateError(
      'conflict',
      `${this.name}: the tag ${tag} points at ${found.digest}, not at ${descriptor.digest}.`,
      {
        next: refusal
          ? 'The registry keeps its tags as they are: use another tag.'
          : 'Somebody else set it at the same time.',
        cause: refusal,
      },
    );
  }

  async tags(options: CallOptions = {}): Promise<readonly string[]> {
    const tags = new Set<string>();
    let target: string | URL | undefined = 'tags/list?n=1000';
    for (let pages = 0; target !== undefined && pages < TAG_PAGES; pages += 1) {
      const operation = 'list of tags';
      const answer: IncomingMessage = await this.#client.call({
        method: 'GET',
        target,
        operation,
        answers: [200, 404],
        ...options,
      });
      if (answer.statusCode === 404) {
        await discard(answer);
        break;
      }
      target = nextPage(header(answer, 'link'), this.#client);
      for (const tag of parseTags(await readAll(answer, MANIFEST_LIMIT, this.name), this.name)) tags.add(tag);
    }
    return [...tags].sort();
  }

  async referrers(subject: Digest, artifactType?: string, options: CallOptions = {}): Promise<readonly Descriptor[]> {
    return this.#referrers.list(subject, artifactType, options);
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
    // Not every registry can give one up (405); it then expires by itself.
    const answers = [200, 202, 204, 400, 403, 404, 405];
    await discard(
      await this.#client.call({ method: 'DELETE', target: location, operation, answers, push: true, ...options }),
    );
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

  async #pushManifest(descriptor: Descriptor, content: Content, options: CallOptions): Promise<PushOutcome> {
    const bytes = await readAll(content.open(), MANIFEST_LIMIT, this.name);
    const manifest = parseManifest(bytes, descriptor);
    const call = options.signal ? { signal: options.signal } : {};
    const present = await this.#exists(descriptor, true, call);
    if (!present) await this.#putManifest(descriptor.digest, descriptor.mediaType, bytes, undefined, call);
    if (manifest.subject) await this.#referrers.record(descriptor, manifest, manifest.subject.digest, call);
    return present ? 'present' : 'sent';
  }

  async #putManifest(
    reference: string,
    mediaType: string,
    bytes: Buffer,
    ifMatch: string | undefined,
    options: CallOptions,
  ): Promise<boolean> {
    const operation = `push of manifest ${reference}`;
    const answer = await this.#client.call({
      method: 'PUT',
      target: `manifests/${reference}`,
      operation,
      answers: ifMatch === undefined ? [201] : [201, 412],
      push: true,
      headers: { 'content-type': mediaType, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
      body: bytes,
      ...options,
    });
    await discard(answer);
    if (answer.statusCode === 412) return false;
    const said = header(answer, 'docker-content-digest');
    if (said !== undefined && said !== digestOf(bytes)) {
      throw nonsense(this.#client.attempt(operation), `it stored ${JSON.stringify(said.slice(0, 100))} instead`);
    }
    return true;
  }

  async #readTag(tag: string, options: CallOptions): Promise<{ bytes: Buffer; etag: string | undefined } | undefined> {
    const operation = `read of tag ${tag}`;
    const call = {
      method: 'GET',
      target: `manifests/${tag}`,
      operation,
      answers: [200, 404],
      headers: ACCEPT,
    } as const;
    const answer = await this.#client.call({ ...call, ...options });
    if (answer.statusCode === 404) {
      await discard(answer);
      return undefined;
    }
    return { bytes: await readAll(answer, MANIFEST_LIMIT, this.name), etag: header(answer, 'etag') };
  }

  async #open(descriptor: Descriptor, offset: number, options: CallOptions): Promise<IncomingMessage> {
    const operation = `read of ${descriptor.digest}`;
    const answer = await this.#client.call({
      method: 'GET',
      target: pathOf(descriptor),
      operation,
      answers: offset > 0 ? [200, 206] : [200],
      headers: {
        // Compressed on the way, its length and its hash would be of something else.
        'accept-encoding': 'identity',
        ...(isManifest(descriptor) ? { accept: descriptor.mediaType } : {}),
        ...(offset > 0 ? { range: `bytes=${offset}-` } : {}),
      },
      ...options,
    });
    const type = header(answer, 'content-type')?.split(';')[0]?.trim();
    if (isManifest(descriptor) && type !== descriptor.mediaType) {
      answer.destroy();
      throw new TidegateError(
        'integrity',
        `${this.name}: ${descriptor.digest} is served as ${JSON.stringify(type?.slice(0, 100))}, and described as ${descriptor.mediaType}.`,
        { next: 'Do not use it: two clients would read it in two ways.' },
      );
    }
    return answer;
  }
}

const ACCEPT = { accept: MANIFEST_TYPES.join(', ') } as const;

/** Docker Hub's registry answers under another name than its images carry. */
function registryUrl(registry: string, options: RegistryOptions): URL {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const url = new URL(`https://${host}`);
  const local = isLoopback(url.hostname) && options.ca === undefined;
  if (local || options.insecure?.includes(registry)) return new URL(`http://${host}`);
  return url;
}

function isManifest({ mediaType }: Descriptor): boolean {
  return isIndexType(mediaType) || isManifestType(mediaType);
}

function pathOf(descriptor: Descriptor): string {
  return `${isManifest(descriptor) ? 'manifests' : 'blobs'}/${parseDigest(descriptor.digest)}`;
}

function checkTag(tag: string): void {
  if (isTag(tag)) return;
  throw badInput('tag', tag, 'a tag', 'A tag has at most 128 letters, digits, dots, dashes and underscores.');
}

function parseTags(bytes: Uint8Array, where: string): readonly string[] {
  const answer = parseStrictJson(bytes, where);
  const tags = typeof answer === 'object' && answer !== null && 'tags' in answer ? answer.tags : undefined;
  // `null` is what distribution says of a repository without tags.
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string' && isTag(tag)) : [];
}
