import { defined } from '@tidegate/core';
import type { Authorizer } from '../auth/auth.ts';
import type { AdaptiveLimiter } from '../http/adaptive-limiter.ts';
import { isLocalAddress } from '../http/addresses.ts';
import { ConnectionFailure } from '../http/connection-failure.ts';
import type { Connections } from '../http/http.ts';
import type { HttpResponse } from '../http/http-response.ts';
import type { HttpBody, HttpRequest } from '../http/request.ts';
import { discard, readDocument } from '../http/responses.ts';
import { parseRetryAfter, RetryableError, type RetryContext, withRetry } from '../http/retry.ts';
import { unlessCancelled } from '../verified.ts';
import { type Attempt, invalidResponse, refusal, unreachable } from './error.ts';
import type { Endpoint } from './url.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const REDIRECT_LIMIT = 5;
const ERROR_TEXT_LIMIT = 64 * 1024;
const STALE_LIMIT = 3;

export interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** A path below `/v2/<repository>/`, or a URL that the registry returned. */
  readonly target: string | URL;
  /** For messages: `push of blob sha256:…`. */
  readonly operation: string;
  /**
   * Statuses that the caller handles: these, or with `final` every status that a retry would not change. Any other is
   * an error.
   */
  readonly statuses: readonly number[] | 'final';
  readonly push?: boolean;
  /** Another repository that must be readable too. */
  readonly alsoPull?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | HttpBody;
  /** Return a redirect to another origin instead of following it. */
  readonly sameOriginOnly?: boolean;
  /** Not worth new credentials: return a 401 instead of authenticating. */
  readonly bestEffort?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Maximum time until the response begins. Milliseconds. */
  readonly responseTimeout?: number;
}

export interface ClientParts {
  readonly registry: string;
  readonly repository: string;
  readonly endpoint: Endpoint;
  readonly connections: Connections;
  readonly authorizer: Authorizer;
  readonly retry: RetryContext;
  readonly limiter: AdaptiveLimiter;
  readonly agent: string;
}

/** Sends requests to one repository: authorization, redirects, retries, and errors as text. */
export class RegistryClient {
  readonly parts: ClientParts;
  readonly name: string;
  /** After the first push, request tokens for pull and push together, to save a second token request. */
  #pushes = false;
  /** Largest body accepted in one request, learned from 413 responses. Bytes. */
  bodyLimit = Number.POSITIVE_INFINITY;
  /**
   * Whether a blob may be sent with the PUT that closes its upload (monolithic upload), until the registry rejects it.
   */
  monolithicUpload = true;

  constructor(parts: ClientParts) {
    this.parts = parts;
    this.name = `${parts.registry}/${parts.repository}`;
  }

  attempt(operation: string, pushes = false): Attempt {
    const redact = (text: string): string => this.parts.authorizer.redact(text);
    return { name: this.name, registry: this.parts.registry, operation, pushes, redact };
  }

  /** Send with retries, until a response is final or the retry budget is used up. */
  async call(call: Call): Promise<HttpResponse> {
    return withRetry(this.parts.retry, call.signal, () => this.once(call));
  }

  /**
   * Send once.
   * @throws RetryableError if a retry may succeed
   */
  async once(call: Call): Promise<HttpResponse> {
    const { authorizer } = this.parts;
    const scopes = this.#scopes(call);
    await unlessCancelled(this.parts.endpoint.resolveScheme(), call.signal, 'connecting to the registry');
    const url = typeof call.target === 'string' ? this.url(call.target) : this.parts.endpoint.current(call.target);
    try {
      for (let fresh = 0; ; fresh += 1) {
        const here = url.origin === this.parts.endpoint.url.origin;
        const authorization = here ? await this.#authorized(authorizer.header(scopes), call.signal) : undefined;
        const { response, from } = await this.#follow(call, url, authorization);
        // Ignore challenges of a host that we were redirected to: it must not obtain our credentials.
        if (response.statusCode === 401 && fresh < 2 && from === this.parts.endpoint.url.origin && !call.bestEffort) {
          const learning = authorizer.learn(response.headers['www-authenticate'], authorization, scopes);
          if (await this.#authorized(learning, call.signal)) {
            await discard(response);
            continue;
          }
        }
        return await this.#checkStatus(call, response);
      }
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) throw error;
      const failure = unreachable(this.attempt(call.operation), error);
      throw error.transient ? new RetryableError(failure, undefined, error.timedOut) : failure;
    }
  }

  url(path: string): URL {
    return new URL(`/v2/${this.parts.repository}/${path}`, this.parts.endpoint.url);
  }

  /**
   * The Location of an upload. Behind a TLS proxy, some registries return plain-HTTP URLs; using one would expose the
   * token on the network.
   */
  location(response: HttpResponse, base: URL, operation: string): URL {
    const text = response.headers.location;
    const url = text !== undefined && URL.canParse(text, base.href) ? new URL(text, base) : undefined;
    if (!url) throw invalidResponse(this.attempt(operation), 'the registry returned no valid Location for the upload');
    if (
      url.protocol === 'http:' &&
      this.parts.endpoint.url.protocol === 'https:' &&
      url.hostname === this.parts.endpoint.url.hostname
    ) {
      url.protocol = 'https:';
    }
    this.#checkTarget(url, operation);
    return url;
  }

  /** @returns the last response and its origin */
  async #follow(
    call: Call,
    first: URL,
    authorization: string | undefined,
  ): Promise<{ readonly response: HttpResponse; readonly from: string }> {
    let url = first;
    let credentials = authorization;
    await this.parts.limiter.waitUntilAllowed(call.signal);
    const bare = call.body === undefined || call.body.length === 0;
    for (let hops = 0; ; hops += 1) {
      const response = await this.#send({
        method: call.method,
        url,
        headers: defined({ 'user-agent': this.parts.agent, ...call.headers, authorization: credentials }),
        body: call.body,
        signal: call.signal,
        responseTimeout: call.responseTimeout,
        onResponse: bare && url.origin === first.origin ? (time) => this.parts.limiter.observe(time) : undefined,
      });
      const reading = call.method === 'GET' || call.method === 'HEAD';
      const target = response.headers.location;
      const end = { response, from: url.origin };
      if (!reading || !REDIRECTS.has(response.statusCode ?? 0) || target === undefined) return end;
      if (call.sameOriginOnly && URL.canParse(target, url.href) && new URL(target, url).origin !== first.origin)
        return end;
      await discard(response);
      if (hops === REDIRECT_LIMIT) throw invalidResponse(this.attempt(call.operation), `more than ${hops} redirects`);
      if (!URL.canParse(target, url.href))
        throw invalidResponse(this.attempt(call.operation), 'the redirect has no valid URL');
      const next = new URL(target, url);
      if (next.protocol === 'http:' && url.protocol === 'https:') {
        throw invalidResponse(this.attempt(call.operation), 'redirect from https to plain HTTP');
      }
      this.#checkTarget(next, call.operation);
      // Send no credentials to another origin (a storage bucket has its own in the URL), and none after a redirect
      // back, which that origin chose.
      if (next.origin !== first.origin) credentials = undefined;
      url = next;
    }
  }

  /** Retry at once on a new connection if the server had closed the kept-alive one. */
  async #send(request: HttpRequest): Promise<HttpResponse> {
    // Writes are repeated only by callers that know their side effects.
    const repeatable = request.method === 'GET' || request.method === 'HEAD' || request.method === 'POST';
    for (let stale = 0; ; stale += 1) {
      try {
        return await this.parts.connections.send(request);
      } catch (error) {
        if (!(error instanceof ConnectionFailure && error.stale && repeatable && stale < STALE_LIMIT)) throw error;
      }
    }
  }

  #checkTarget(url: URL, operation: string): void {
    const here = this.parts.endpoint.url;
    if (url.origin === here.origin) return;
    const why =
      url.protocol !== 'https:' && url.protocol !== 'http:'
        ? 'a URL that is neither http nor https'
        : url.protocol === 'http:' && here.protocol === 'https:'
          ? 'a plain-HTTP URL'
          : url.username !== '' || url.password !== ''
            ? 'a URL with a user name or password'
            : isLocalAddress(url.hostname) && !isLocalAddress(here.hostname)
              ? 'an address of this machine'
              : undefined;
    if (why !== undefined) throw invalidResponse(this.attempt(operation), `the registry redirects to ${why}`);
  }

  async #checkStatus(call: Call, response: HttpResponse): Promise<HttpResponse> {
    const status = response.statusCode ?? 0;
    const retryable = isRetryable(status);
    if (call.statuses === 'final' ? !retryable : call.statuses.includes(status)) return response;
    // The body only improves the message. If it is too long or cut off, the status must do.
    const text = await readDocument(response, ERROR_TEXT_LIMIT, this.name).then(String, () => '');
    const failure = refusal(this.attempt(call.operation, call.push), status, text);
    if (retryable) {
      const retryAfter = parseRetryAfter(response.headers['retry-after'], this.parts.retry.timing.now());
      if (status === 429 || (status === 503 && retryAfter !== undefined)) this.parts.limiter.throttled(retryAfter);
      throw new RetryableError(failure, retryAfter);
    }
    throw failure;
  }

  /** A token service that hangs, or a helper that prompts, must not block a cancelled caller. */
  #authorized<T>(pending: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return unlessCancelled(pending, signal, 'waiting for authorization by the registry');
  }

  #scopes(call: Pick<Call, 'push' | 'alsoPull'>): readonly string[] {
    if (call.push) this.#pushes = true;
    const own = `repository:${this.parts.repository}:${this.#pushes ? 'pull,push' : 'pull'}`;
    return call.alsoPull === undefined ? [own] : [own, `repository:${call.alsoPull}:pull`];
  }
}

/** A timeout, a rate limit or a server error, except those that mean "not supported". */
function isRetryable(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}
