import { type Descriptor, type Digest, hasKind, MANIFEST_LIMIT, MediaType, parseReferrers } from '@tidegate/core';
import type { HttpResponse } from '../http/http-response.ts';
import { callAndRead } from '../http/response-body.ts';
import { discard, readDocument } from '../http/responses.ts';
import type { CallOptions } from '../store.ts';
import type { Call, RegistryClient } from './client.ts';
import type { Manifests } from './manifests.ts';
import { nextPage } from './next-page.ts';

const ERROR_TEXT_LIMIT = 64 * 1024;

export interface Page {
  readonly referrers: readonly Descriptor[];
  readonly next: URL | undefined;
}

/** distribution-spec, "Listing Referrers". */
export class ReferrersApi {
  readonly #client: RegistryClient;
  readonly #manifests: Manifests;

  constructor(client: RegistryClient, manifests: Manifests) {
    this.#client = client;
    this.#manifests = manifests;
  }

  /**
   * One page of the list. Registries without the API respond with almost any status: every final response other than an
   * index means that there is no API. 401 and 403 mean it only if the same credentials can read manifests.
   * @returns undefined if the registry has no referrers API
   * @throws TidegateError `unauthorized` if the repository itself cannot be read
   */
  async page(target: string | URL, subject: Digest, options: CallOptions): Promise<Page | 'no repository' | undefined> {
    const first = await this.#read(target, options);
    if (first !== 'refused') return first;
    await this.#manifests.resolve(subject, options).catch((error: unknown) => {
      if (!hasKind(error, 'not-found')) throw error;
    });
    // The first request may have lacked credentials that the challenge to the request above has provided by now.
    const second = await this.#read(target, options);
    return second === 'refused' ? undefined : second;
  }

  async #read(target: string | URL, options: CallOptions): Promise<Page | 'no repository' | 'refused' | undefined> {
    const call: Call = {
      method: 'GET',
      target,
      operation: 'list of referrers',
      // GHCR redirects to a web page of GitHub, which limits requests (artifacthub/hub#4785).
      sameOriginOnly: true,
      statuses: 'final',
      headers: { accept: MediaType.index },
      ...options,
    };
    return callAndRead(this.#client, call, (response) => this.#parse(response, target));
  }

  async #parse(response: HttpResponse, target: string | URL): Promise<Page | 'no repository' | 'refused' | undefined> {
    const type = response.headers['content-type']?.split(';')[0]?.trim();
    const status = response.statusCode;
    // Some registries without the API serve a web page for any path.
    if (status !== 200 || type !== MediaType.index) {
      if (status !== 404) {
        await discard(response);
        return status === 401 || status === 403 ? 'refused' : undefined;
      }
      // For a repository without any push, 404 says nothing about the API.
      const text = await readDocument(response, ERROR_TEXT_LIMIT, this.#client.name).then(String, (error: unknown) => {
        if (hasKind(error, 'integrity')) return ''; // Too long for a registry's error.
        throw error;
      });
      return text.includes('NAME_UNKNOWN') ? 'no repository' : undefined;
    }
    const where = `${this.#client.name}: list of referrers`;
    const link = response.headers.link;
    const referrers = parseReferrers(await readDocument(response, MANIFEST_LIMIT, where), where);
    return { referrers, next: nextPage(link, target, this.#client) };
  }
}
