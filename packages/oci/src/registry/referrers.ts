import {
  artifactTypeOf,
  type Descriptor,
  type Digest,
  hasKind,
  type Index,
  type Manifest,
  MediaType,
  mapLimited,
  TidegateError,
  together,
} from '@tidegate/core';
import { eachConcurrently } from '../http/concurrent.ts';
import { discard } from '../http/responses.ts';
import type { CallOptions, Listed, PushOptions, ReferrersOptions } from '../store.ts';
import { unlessCancelled } from '../verified.ts';
import { RegistryCapabilities } from './capabilities.ts';
import type { RegistryClient } from './client.ts';
import { invalidResponse } from './error.ts';
import { FallbackTag } from './fallback-tag.ts';
import type { Manifests } from './manifests.ts';
import { ReferrersApi } from './referrers-api.ts';

/** Types of an entry whose writer used the config's media type as artifact type. */
const CONFIG_TYPES: ReadonlySet<string> = new Set([MediaType.empty, MediaType.config]);
const PAGE_LIMIT = 100;

/** Result of a removal of referrers. */
export interface Removal {
  /** Manifests that are gone. */
  readonly deleted: number;
  /** The list is a tag, and names none of them any more. */
  readonly unlisted: boolean;
  /** The HTTP status with which the registry declined to delete one: it deletes none. */
  readonly refused?: number;
}

type ReadManifest = (descriptor: Descriptor, options: CallOptions) => Promise<Manifest | Index>;

/**
 * distribution-spec, "Listing Referrers" and "Referrers Tag Schema": the API if the registry has it, else an index
 * under the tag `sha256-<hex>` that clients maintain.
 */
export class Referrers {
  readonly #client: RegistryClient;
  readonly #manifests: Manifests;
  readonly #api: ReferrersApi;
  readonly #read: ReadManifest;
  readonly #capabilities = new RegistryCapabilities();
  /** One writer per subject in this process. */
  readonly #fallback = new Map<Digest, FallbackTag>();

  constructor(client: RegistryClient, manifests: Manifests, read: ReadManifest) {
    this.#client = client;
    this.#manifests = manifests;
    this.#read = read;
    this.#api = new ReferrersApi(client, manifests);
  }

  async list(
    subject: Digest,
    artifactType: string | undefined,
    { unchecked = false, ...options }: ReferrersOptions,
  ): Promise<readonly Descriptor[]> {
    const listed = await this.#listByApi(subject, artifactType, options);
    const all = listed ?? (await this.#listByTag(subject, unchecked, options));
    return artifactType === undefined ? all : all.filter((referrer) => referrer.artifactType === artifactType);
  }

  /**
   * Those of `wanted` that exist and are on the subject's list. If the list is a tag, each entry is also checked,
   * concurrently: the tag may name deleted manifests.
   */
  async listed(subject: Digest, wanted: readonly Descriptor[], options: CallOptions): Promise<readonly Descriptor[]> {
    const byApi = await this.#listByApi(subject, undefined, options);
    if (byApi) {
      const listed = digestsOf(byApi);
      return wanted.filter(({ digest }) => listed.has(digest));
    }
    const look = (one: Descriptor, signal: AbortSignal): Promise<boolean> => this.#isThere(one, { signal });
    const [entries, there] = await together<[readonly Descriptor[], readonly boolean[]]>(options.signal, (signal) => [
      this.#fallbackOf(subject).entries({ signal }),
      mapLimited(wanted, wanted.length, look, signal),
    ]);
    const named = digestsOf(entries);
    return wanted.filter(({ digest }, at) => named.has(digest) && there[at]);
  }

  /**
   * Push a manifest with a subject with `put`, and make sure that it is listed. Concurrent referrers of the same
   * subject share one write of the list.
   */
  async push(
    descriptor: Descriptor,
    manifest: Manifest | Index,
    subject: Digest,
    { onListing, ...options }: Pick<PushOptions, 'signal' | 'onListing'>,
    put: () => Promise<void>,
  ): Promise<void> {
    const fallback = this.#fallbackOf(subject);
    const arrived = fallback.expect();
    let listed: Listed | undefined;
    try {
      await put();
      if (!(await this.#supported(subject, options))) listed = fallback.add(referrerOf(descriptor, manifest), options);
    } finally {
      arrived();
    }
    if (listed && onListing) onListing(listed);
    else await listed?.stays;
  }

  /**
   * Take referrers of `subject` off its list and delete their manifests, in the given order. The list comes first, so
   * that it never names a manifest that is gone. Stops at the first manifest that the registry does not delete: it would
   * not delete the others either.
   */
  async remove(subject: Digest, digests: readonly Digest[], options: CallOptions): Promise<Removal> {
    const unlisted = digests.length > 0 && !(await this.#supported(subject, options));
    if (unlisted) await this.#fallbackOf(subject).remove(digests, options);
    let deleted = 0;
    for (const digest of digests) {
      const status = await this.#manifests.delete(digest, options);
      if (status !== 404 && (status < 200 || status >= 300)) return { deleted, unlisted, refused: status };
      deleted += 1;
    }
    return { deleted, unlisted };
  }

  expect(subject: Digest): () => void {
    return this.#fallbackOf(subject).expect();
  }

  #fallbackOf(subject: Digest): FallbackTag {
    const known = this.#fallback.get(subject);
    if (known) return known;
    const fallback = new FallbackTag(subject, this.#client, this.#manifests, this.#capabilities);
    this.#fallback.set(subject, fallback);
    return fallback;
  }

  async #supported(subject: Digest, options: CallOptions): Promise<boolean> {
    for (;;) {
      const known = await this.#known(options);
      if (known !== undefined) return known;
      // If the shared probe failed, one of the waiting callers probes again.
      if (!this.#capabilities.referrersApi) return this.#probe(subject, options);
    }
  }

  /** Whether the API exists, if known; waits for a pending probe. */
  async #known(options: CallOptions): Promise<boolean | undefined> {
    const asked = this.#capabilities.referrersApi;
    try {
      return asked && (await unlessCancelled(asked, options.signal, 'waiting for the capabilities of the registry'));
    } catch (error) {
      // The probe used the signal of the first caller: its cancellation is not ours.
      if (!hasKind(error, 'cancelled') || options.signal?.aborted) throw error;
      return this.#known(options);
    }
  }

  #probe(subject: Digest, options: CallOptions): Promise<boolean> {
    const pending = this.#api.page(`referrers/${subject}`, subject, options).then(
      (page) => typeof page === 'object',
      (error: unknown) => {
        this.#capabilities.referrersApi = undefined; // A connection failure says nothing about the registry's capabilities.
        throw error;
      },
    );
    this.#capabilities.referrersApi = pending;
    return pending;
  }

  async #listByApi(
    subject: Digest,
    artifactType: string | undefined,
    options: CallOptions,
  ): Promise<readonly Descriptor[] | undefined> {
    if ((await this.#known(options)) === false) return undefined;
    const found = new Map<Digest, Descriptor>();
    let target: string | URL = this.#client.url(`referrers/${subject}`);
    if (artifactType !== undefined) target.searchParams.set('artifactType', artifactType);
    for (let pages = 0; pages < PAGE_LIMIT; pages += 1) {
      const page = await this.#api.page(target, subject, options);
      if (page === 'no repository') return undefined;
      if (!page) {
        if (pages > 0)
          throw invalidResponse(this.#client.attempt(`referrers of ${subject}`), 'a page of the list is missing');
        this.#capabilities.referrersApi = Promise.resolve(false);
        return undefined;
      }
      this.#capabilities.referrersApi = Promise.resolve(true);
      for (const referrer of page.referrers) found.set(referrer.digest, referrer);
      if (!page.next) return [...found.values()];
      target = page.next;
    }
    throw invalidResponse(
      this.#client.attempt(`referrers of ${subject}`),
      `more than ${PAGE_LIMIT} pages of referrers`,
    );
  }

  async #listByTag(subject: Digest, unchecked: boolean, options: CallOptions): Promise<readonly Descriptor[]> {
    const entries = await this.#fallbackOf(subject).entries(options);
    const there = new Map<Digest, Descriptor>();
    const look = async (entry: Descriptor, signal: AbortSignal): Promise<void> => {
      const referrer = unchecked && isComplete(entry) ? entry : await this.#behind(entry, subject, { signal });
      if (referrer) there.set(entry.digest, referrer);
    };
    await eachConcurrently(entries, () => this.#client.parts.limiter.limit, options.signal, look);
    return entries.flatMap(({ digest }) => there.get(digest) ?? []);
  }

  /**
   * @returns undefined if it does not exist: deleted manually, or by a cleanup tool that deletes untagged manifests and
   * leaves the entry behind
   */
  async #behind(entry: Descriptor, subject: Digest, options: CallOptions): Promise<Descriptor | undefined> {
    // Some clients (cosign among them) omit required fields of the entry, or use the config's type: then read the
    // manifest.
    if (isComplete(entry)) {
      return (await this.#isThere(entry, options)) ? entry : undefined;
    }
    const manifest = await this.#read(entry, options).catch((error: unknown) => {
      if (error instanceof TidegateError && error.kind === 'not-found') return undefined;
      throw error;
    });
    return manifest?.subject?.digest === subject ? referrerOf(entry, manifest) : undefined;
  }

  async #isThere({ digest, mediaType }: Descriptor, options: CallOptions): Promise<boolean> {
    const response = await this.#client.call({
      method: 'HEAD',
      target: `manifests/${digest}`,
      operation: `check for ${digest}`,
      statuses: [200, 404],
      headers: { accept: mediaType },
      ...options,
    });
    await discard(response);
    return response.statusCode === 200;
  }
}

function isComplete({ artifactType, annotations }: Descriptor): boolean {
  return artifactType !== undefined && !CONFIG_TYPES.has(artifactType) && annotations !== undefined;
}

function digestsOf(descriptors: readonly Descriptor[]): ReadonlySet<Digest> {
  return new Set(descriptors.map(({ digest }) => digest));
}

/** A list entry with the manifest's own artifactType and annotations, as in the API. */
function referrerOf({ mediaType, digest, size }: Descriptor, manifest: Manifest | Index): Descriptor {
  const artifactType = artifactTypeOf(manifest);
  return {
    mediaType,
    digest,
    size,
    artifactType,
    annotations: manifest.annotations ?? {},
  };
}
