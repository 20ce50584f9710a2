import type { IncomingMessage } from 'node:http';
import { type Descriptor, type Digest, hasCode, MANIFEST_LIMIT, MediaType, parseReferrers } from '@tidegate/core';
import { callAndRead } from '../http/response-body.ts';
import { discard, header } from '../http/responses.ts';
import type { CallOptions } from '../store.ts';
import { readAll } from '../verified.ts';
import type { Call, RegistryClient } from './client.ts';
import { invalidResponse } from './error.ts';
import type { Manifests } from './manifests.ts';

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
   * One page of the list. Registries without the API answer with almost any status: every final answer other than an
   * index means that there is no API. 401 and 403 mean it only where the same credentials can read manifests.
   * @returns undefined where the registry has no referrers API
   * @throws TidegateError `unauthorized` where the repository itself cannot be read
   */
  async page(target: string | URL, subject: Digest, options: CallOptions): Promise<Page | 'no repository' | undefined> {
    const first = await this.#read(target, options);
    if (first !== 'refused') return first;
    await this.#manifests.resolve(subject, options).catch((error: unknown) => {
      if (!hasCode(error, 'not-found')) throw error;
    });
    // The refusal may have come for want of credentials, which a challenge to the request above has brought by now.
    const second = await this.#read(target, options);
    return second === 'refused' ? undefined : second;
  }

  async #read(target: string | URL, options: CallOptions): Promise<Page | 'no repository' | 'refused' | undefined> {
    const call: Call = {
      method: 'GET',
      target,
      operation: 'list of referrers',
      // GHCR redirects to a web page of GitHub, which limits requests (artifacthub/hub#4785).
      stay: true,
      answers: 'final',
      headers: { accept: MediaType.index },
      ...options,
    };
    return callAndRead(this.#client, call, (answer) => this.#parse(answer, target));
  }

  async #parse(answer: IncomingMessage, target: string | URL): Promise<Page | 'no repository' | 'refused' | undefined> {
    const type = header(answer, 'content-type')?.split(';')[0]?.trim();
    const status = answer.statusCode;
    // A registry that serves a web page for any path has no referrers API either.
    if (status !== 200 || type !== MediaType.index) {
      if (status !== 404) {
        await discard(answer);
        return status === 401 || status === 403 ? 'refused' : undefined;
      }
      // Of a repository that nobody has pushed to, this says nothing about the API.
      const text = await readAll(answer, ERROR_TEXT_LIMIT, this.#client.name).then(String, (error: unknown) => {
        if (hasCode(error, 'integrity')) return ''; // Longer than any registry's error.
        throw error;
      });
      return text.includes('NAME_UNKNOWN') ? 'no repository' : undefined;
    }
    const where = `${this.#client.name}: list of referrers`;
    const link = header(answer, 'link');
    const referrers = parseReferrers(await readAll(answer, MANIFEST_LIMIT, where), where);
    return { referrers, next: nextPage(link, target, this.#client) };
  }
}

/**
 * RFC 8288. Only ever on the same registry: the next page is requested with our token.
 * @param page which named it: the target may be relative to that
 */
function nextPage(link: string | undefined, page: string | URL, client: RegistryClient): URL | undefined {
  const target = targetOfNext(link ?? '');
  if (target === undefined) return undefined;
  const base = typeof page === 'string' ? client.url(page) : page;
  const url = URL.canParse(target, base.href) ? new URL(target, base) : undefined;
  // Behind a TLS proxy it may say http. No other scheme becomes https by this.
  if (url) url.protocol = client.parts.endpoint.url.protocol;
  if (url?.origin !== client.parts.endpoint.url.origin)
    throw invalidResponse(client.attempt('list'), 'the next page is on another host');
  return url;
}

/** Of `<TARGET>; rel="next"` (RFC 8288), among others that commas separate; a target may hold commas itself. */
function targetOfNext(link: string): string | undefined {
  for (let open = link.indexOf('<'); open >= 0; open = link.indexOf('<', open)) {
    const close = link.indexOf('>', open);
    if (close < 0) return undefined;
    const comma = link.indexOf(',', close);
    const parameters = link.slice(close + 1, comma < 0 ? link.length : comma);
    if (close > open + 1 && parameters.trimStart().startsWith(';') && /rel="?next"?/.test(parameters)) {
      return link.slice(open + 1, close);
    }
    open = close;
  }
  return undefined;
}
