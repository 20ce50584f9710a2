import {
  artifactTypeOf,
  type Descriptor,
  type Digest,
  hexOf,
  type Index,
  MANIFEST_LIMIT,
  type Manifest,
  MediaType,
  parseIndexFile,
  TidegateError,
} from '@tidegate/core';
import { discard, header } from './http.ts';
import type { Manifests } from './manifests.ts';
import type { RegistryClient } from './registry-client.ts';
import { nonsense } from './registry-error.ts';
import { rest } from './retry.ts';
import type { CallOptions } from './store.ts';
import { readAll } from './verified.ts';

const PAGE_LIMIT = 100;
/** Rounds of reading, merging, writing and reading back before we give up on a tag that others keep writing. */
const MERGE_ATTEMPTS = 20;

type ReadManifest = (descriptor: Descriptor, options: CallOptions) => Promise<Manifest | Index>;

/**
 * distribution-spec, "Listing Referrers" and "Referrers Tag Schema": the API where the registry has it, else an index
 * under the tag `sha256-<hex>` that clients keep themselves.
 */
export class Referrers {
  readonly #client: RegistryClient;
  readonly #manifests: Manifests;
  readonly #read: ReadManifest;
  /** Asked once, by listing: ECR has answered OCI-Subject without having the API. */
  #hasApi: Promise<boolean> | undefined;
  /** One writer per subject in this process; others are met by reading back. */
  readonly #writing = new Map<Digest, Promise<void>>();

  constructor(client: RegistryClient, manifests: Manifests, read: ReadManifest) {
    this.#client = client;
    this.#manifests = manifests;
    this.#read = read;
  }

  async list(subject: Digest, artifactType: string | undefined, options: CallOptions): Promise<readonly Descriptor[]> {
    const listed = await this.#listByApi(subject, artifactType, options);
    const all = listed ?? (await this.#listByTag(subject, options));
    return artifactType === undefined ? all : all.filter((referrer) => referrer.artifactType === artifactType);
  }

  /** After a manifest with a subject was pushed: make sure that it is found. */
  async record(
    descriptor: Descriptor,
    manifest: Manifest | Index,
    subject: Digest,
    options: CallOptions,
  ): Promise<void> {
    if (await this.#supported(subject, options)) return;
    const before = this.#writing.get(subject) ?? Promise.resolve();
    const entry = referrerOf(descriptor, manifest);
    // Whether the one before succeeded is its own caller's business.
    const after = before.catch(() => undefined).then(() => this.#merge(entry, subject, options));
    this.#writing.set(subject, after);
    try {
      await after;
    } finally {
      if (this.#writing.get(subject) === after) this.#writing.delete(subject);
    }
  }

  #supported(subject: Digest, options: CallOptions): Promise<boolean> {
    this.#hasApi ??= this.#page(`referrers/${subject}`, options).then(
      (page) => page !== undefined,
      (error: unknown) => {
        this.#hasApi = undefined; // A cut connection says nothing about what the registry can do.
        throw error;
      },
    );
    return this.#hasApi;
  }

  async #listByApi(
    subject: Digest,
    artifactType: string | undefined,
    options: CallOptions,
  ): Promise<readonly Descriptor[] | undefined> {
    if (this.#hasApi && !(await this.#hasApi)) return undefined;
    const found = new Map<Digest, Descriptor>();
    let target: string | URL = this.#client.url(`referrers/${subject}`);
    if (artifactType !== undefined) target.searchParams.set('artifactType', artifactType);
    for (let pages = 0; pages < PAGE_LIMIT; pages += 1) {
      const page = await this.#page(target, options);
      if (!page) {
        if (pages === 0) this.#hasApi = Promise.resolve(false);
        return pages === 0 ? undefined : [...found.values()];
      }
      this.#hasApi = Promise.resolve(true);
      for (const referrer of page.referrers) found.set(referrer.digest, referrer);
      if (!page.next) return [...found.values()];
      target = page.next;
    }
    throw nonsense(this.#client.attempt(`referrers of ${subject}`), `more than ${PAGE_LIMIT} pages of referrers`);
  }

  /** @returns undefined where the registry has no referrers API */
  async #page(
    target: string | URL,
    options: CallOptions,
  ): Promise<{ readonly referrers: readonly Descriptor[]; readonly next: URL | undefined } | undefined> {
    const answer = await this.#client.call({
      method: 'GET',
      target,
      operation: 'list of referrers',
      answers: [200, 400, 404, 405, 501],
      headers: { accept: MediaType.index },
      ...options,
    });
    const type = header(answer, 'content-type')?.split(';')[0]?.trim();
    // A registry that serves a web page for any path has no referrers API either.
    if (answer.statusCode !== 200 || type !== MediaType.index) {
      await discard(answer);
      return undefined;
    }
    const where = `${this.#client.name}: list of referrers`;
    const link = header(answer, 'link');
    const index = parseIndexFile(await readAll(answer, MANIFEST_LIMIT, where), where);
    return { referrers: index.manifests, next: nextPage(link, this.#client) };
  }

  async #listByTag(subject: Digest, options: CallOptions): Promise<readonly Descriptor[]> {
    const { entries } = await this.#readFallback(subject, options);
    const referrers: Descriptor[] = [];
    for (const entry of entries) {
      // Some clients (cosign among them) leave out what the entry must repeat: the manifest has it.
      if (entry.artifactType !== undefined && entry.annotations !== undefined) {
        referrers.push(entry);
        continue;
      }
      const manifest = await this.#read(entry, options).catch((error: unknown) => {
        // Deleted by hand, with the entry left behind: it is not there, so it refers to nothing.
        if (error instanceof TidegateError && error.code === 'not-found') return undefined;
        throw error;
      });
      if (manifest?.subject?.digest === subject) referrers.push(referrerOf(entry, manifest));
    }
    return referrers;
  }

  async #merge(entry: Descriptor, subject: Digest, options: CallOptions): Promise<void> {
    const tag = fallbackTag(subject);
    const { retry } = this.#client.parts;
    let conditional = true;
    for (let attempt = 1; attempt <= MERGE_ATTEMPTS; attempt += 1) {
      const { entries, etag } = await this.#readFallback(subject, options);
      if (entries.some((other) => sameEntry(other, entry))) return;
      const merged = [...entries.filter(({ digest }) => digest !== entry.digest), entry];
      const index = { schemaVersion: 2, mediaType: MediaType.index, manifests: merged };
      const bytes = Buffer.from(JSON.stringify(index));
      const written = await this.#manifests.put(tag, MediaType.index, bytes, conditional ? etag : undefined, options);
      if (written) {
        const after = await this.#readFallback(subject, options);
        if (after.entries.some((other) => sameEntry(other, entry))) return;
      } else if (attempt > MERGE_ATTEMPTS / 2) {
        conditional = false; // A proxy that changes ETags would refuse us for ever; reading back still protects.
      }
      await rest(retry, retry.policy.base * retry.timing.random() * Math.min(attempt, 5), options.signal);
    }
    throw new TidegateError('conflict', `${this.#client.name}: the tag ${tag} is written by others all the time.`, {
      next: 'Run it again when nobody else attaches evidence to this image.',
    });
  }

  async #readFallback(
    subject: Digest,
    options: CallOptions,
  ): Promise<{ readonly entries: readonly Descriptor[]; readonly etag: string | undefined }> {
    const found = await this.#manifests.readTag(fallbackTag(subject), options);
    if (!found) return { entries: [], etag: undefined };
    const where = `${this.#client.name}:${fallbackTag(subject)}`;
    return { entries: parseIndexFile(found.bytes, where).manifests, etag: found.etag };
  }
}

export function fallbackTag(subject: Digest): string {
  return `sha256-${hexOf(subject)}`;
}

/** The entry of a list of referrers: with the manifest's own artifactType and annotations, as the API has them. */
function referrerOf({ mediaType, digest, size }: Descriptor, manifest: Manifest | Index): Descriptor {
  const artifactType = artifactTypeOf(manifest);
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    annotations: manifest.annotations ?? {},
  };
}

function sameEntry(a: Descriptor, b: Descriptor): boolean {
  return a.digest === b.digest && a.artifactType === b.artifactType && a.annotations !== undefined;
}

/** RFC 8288. Only ever on the same registry: the next page is asked for with our token. */
export function nextPage(link: string | undefined, client: RegistryClient): URL | undefined {
  const target = /<([^>]+)>\s*;[^,]*rel="?next"?/.exec(link ?? '')?.[1];
  if (target === undefined) return undefined;
  const url = URL.canParse(target, client.parts.url.href) ? new URL(target, client.parts.url) : undefined;
  if (url?.host !== client.parts.url.host) throw nonsense(client.attempt('list'), 'the next page is on another host');
  url.protocol = client.parts.url.protocol;
  return url;
}
