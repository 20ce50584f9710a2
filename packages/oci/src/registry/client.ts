import type { IncomingMessage } from 'node:http';
import type { Authorizer } from '../auth/auth.ts';
import type { AdaptiveLimiter } from '../http/adaptive-limiter.ts';
import { isLocalAddress } from '../http/addresses.ts';
import { ConnectionFailure } from '../http/connection-failure.ts';
import type { Connections, HttpBody, HttpRequest } from '../http/http.ts';
import { discard, header } from '../http/responses.ts';
import { parseRetryAfter, RetryableError, type RetryContext, withRetry } from '../http/retry.ts';
import { readAll, unlessCancelled } from '../verified.ts';
import { type Attempt, invalidResponse, refusal, unreachable } from './error.ts';
import type { Endpoint } from './url.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const REDIRECT_LIMIT = 5;
const ERROR_TEXT_LIMIT = 64 * 1024;
const STALE_LIMIT = 3;

export interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/v2/<repository>/`, or where the registry told us to go. */
  readonly target: string | URL;
  /** For messages: `push of blob sha256:…`. */
  readonly operation: string;
  /** Statuses the caller deals with: these, or every one that a retry would not change. Any other is an error. */
  readonly answers: readonly number[] | 'final';
  readonly push?: boolean;
  /** Another repository that must be readable besides. */
  readonly alsoPull?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | HttpBody;
  /** A redirect to another host is the answer, and not followed. */
  readonly stay?: boolean;
  /** Worth no new permission: a 401 is the answer, and nothing is learnt from it. */
  readonly favour?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the answer begins. */
  readonly answerWithin?: number;
}

export interface ClientParts {
  readonly registry: string;
  readonly repository: string;
  readonly endpoint: Endpoint;
  readonly connections: Connections;
  readonly authorizer: Authorizer;
  readonly retry: RetryContext;
  readonly pace: AdaptiveLimiter;
  readonly agent: string;
}

/** Requests to one repository: authorised, redirected, retried, and refused in words. */
export class RegistryClient {
  readonly parts: ClientParts;
  readonly name: string;
  /** Once something was pushed, one token for both serves all: a second one would be a second question. */
  #pushes = false;
  /** The largest body that goes through in one request, as far as a 413 has shown. Bytes. */
  bodyLimit = Number.POSITIVE_INFINITY;
  /** Whether a blob may come with the PUT that closes its upload, as far as a refusal has shown. */
  onePiece = true;

  constructor(parts: ClientParts) {
    this.parts = parts;
    this.name = `${parts.registry}/${parts.repository}`;
  }

  attempt(operation: string): Attempt {
    const hide = (text: string): string => this.parts.authorizer.hide(text);
    return { name: this.name, registry: this.parts.registry, operation, hide };
  }

  /** Retried until it is answered, the budget ends, or the answer is final. */
  async call(call: Call): Promise<IncomingMessage> {
    return withRetry(this.parts.retry, call.signal, () => this.once(call));
  }

  /**
   * One try.
   * @throws RetryableError for what may go well the next time
   */
  async once(call: Call): Promise<IncomingMessage> {
    const { authorizer } = this.parts;
    const scopes = this.#scopes(call);
    await unlessCancelled(this.parts.endpoint.settle(), call.signal, 'connecting to the registry');
    const url = typeof call.target === 'string' ? this.url(call.target) : this.parts.endpoint.current(call.target);
    try {
      for (let fresh = 0; ; fresh += 1) {
        const here = url.origin === this.parts.endpoint.url.origin;
        const authorization = here ? await this.#permitted(authorizer.header(scopes), call.signal) : undefined;
        const { answer, from } = await this.#follow(call, url, authorization);
        // Where we were redirected to, another host may ask for credentials: it is not to choose who gets ours.
        if (answer.statusCode === 401 && fresh < 2 && from === this.parts.endpoint.url.origin && !call.favour) {
          const learning = authorizer.learn(header(answer, 'www-authenticate'), authorization, scopes);
          if (await this.#permitted(learning, call.signal)) {
            await discard(answer);
            continue;
          }
        }
        return await this.#accept(call, answer);
      }
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) throw error;
      const failure = unreachable(this.attempt(call.operation), error);
      throw error.transient ? new RetryableError(failure, undefined, error.silent) : failure;
    }
  }

  url(path: string): URL {
    return new URL(`/v2/${this.parts.repository}/${path}`, this.parts.endpoint.url);
  }

  /**
   * A Location that the registry gave for an upload. Behind a TLS proxy some registries think they speak plain http;
   * going there would show the token to everyone on the way.
   */
  location(answer: IncomingMessage, base: URL, operation: string): URL {
    const text = header(answer, 'location');
    const url = text !== undefined && URL.canParse(text, base.href) ? new URL(text, base) : undefined;
    if (!url) throw invalidResponse(this.attempt(operation), 'the registry gave no location for the upload');
    if (
      url.protocol === 'http:' &&
      this.parts.endpoint.url.protocol === 'https:' &&
      url.hostname === this.parts.endpoint.url.hostname
    ) {
      url.protocol = 'https:';
    }
    this.#checkElsewhere(url, operation);
    return url;
  }

  /** @returns the last answer, and the origin that gave it */
  async #follow(
    call: Call,
    first: URL,
    authorization: string | undefined,
  ): Promise<{ readonly answer: IncomingMessage; readonly from: string }> {
    let url = first;
    let credentials = authorization;
    await this.parts.pace.ready(call.signal);
    const bare = call.body === undefined || call.body.length === 0;
    for (let hops = 0; ; hops += 1) {
      const answer = await this.#send({
        method: call.method,
        url,
        headers: {
          'user-agent': this.parts.agent,
          ...call.headers,
          ...(credentials === undefined ? {} : { authorization: credentials }),
        },
        body: call.body,
        signal: call.signal,
        answerWithin: call.answerWithin,
        ...(bare && url.origin === first.origin ? { onAnswer: (time) => this.parts.pace.answered(time) } : {}),
      });
      const reading = call.method === 'GET' || call.method === 'HEAD';
      const target = header(answer, 'location');
      const end = { answer, from: url.origin };
      if (!reading || !REDIRECTS.has(answer.statusCode ?? 0) || target === undefined) return end;
      if (call.stay && URL.canParse(target, url.href) && new URL(target, url).origin !== first.origin) return end;
      await discard(answer);
      if (hops === REDIRECT_LIMIT) throw invalidResponse(this.attempt(call.operation), `more than ${hops} redirects`);
      if (!URL.canParse(target, url.href)) throw invalidResponse(this.attempt(call.operation), 'a redirect to no URL');
      const next = new URL(target, url);
      if (next.protocol === 'http:' && url.protocol === 'https:') {
        throw invalidResponse(this.attempt(call.operation), 'a redirect from https to plain http is not followed');
      }
      this.#checkElsewhere(next, call.operation);
      // Another origin (a storage bucket) gets no credentials: its own are in the URL. Nor does the way back, which
      // somebody else chose.
      if (next.origin !== first.origin) credentials = undefined;
      url = next;
    }
  }

  /** A kept connection that the other side had closed meanwhile says nothing about the registry: another at once. */
  async #send(request: HttpRequest): Promise<IncomingMessage> {
    // What writes is sent again only by who knows what it may have done.
    const repeatable = request.method === 'GET' || request.method === 'HEAD' || request.method === 'POST';
    for (let stale = 0; ; stale += 1) {
      try {
        return await this.parts.connections.send(request);
      } catch (error) {
        if (!(error instanceof ConnectionFailure && error.stale && repeatable && stale < STALE_LIMIT)) throw error;
      }
    }
  }

  #checkElsewhere(url: URL, operation: string): void {
    const here = this.parts.endpoint.url;
    if (url.origin === here.origin) return;
    const why =
      url.protocol !== 'https:' && url.protocol !== 'http:'
        ? 'neither http nor https'
        : url.protocol === 'http:' && here.protocol === 'https:'
          ? 'plain http'
          : url.username !== '' || url.password !== ''
            ? 'a URL with a user part'
            : isLocalAddress(url.hostname) && !isLocalAddress(here.hostname)
              ? "this machine's own addresses"
              : undefined;
    if (why !== undefined) throw invalidResponse(this.attempt(operation), `the registry sends us to ${why}: refused`);
  }

  async #accept(call: Call, answer: IncomingMessage): Promise<IncomingMessage> {
    const status = answer.statusCode ?? 0;
    const retryable = isRetryable(status);
    if (call.answers === 'final' ? !retryable : call.answers.includes(status)) return answer;
    // What it says is a courtesy: too long or cut off, the status alone must do.
    const text = await readAll(answer, ERROR_TEXT_LIMIT, this.name).then(String, () => '');
    const failure = refusal(this.attempt(call.operation), status, text);
    if (retryable) {
      const retryAfter = parseRetryAfter(header(answer, 'retry-after'), this.parts.retry.timing.now());
      if (status === 429 || (status === 503 && retryAfter !== undefined)) this.parts.pace.throttled(retryAfter);
      throw new RetryableError(failure, retryAfter);
    }
    throw failure;
  }

  /** A token service that hangs, or a helper that asks somebody, must not keep who has been cancelled. */
  #permitted<T>(asking: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return unlessCancelled(asking, signal, 'waiting for permission from the registry');
  }

  #scopes(call: Pick<Call, 'push' | 'alsoPull'>): readonly string[] {
    if (call.push) this.#pushes = true;
    const own = `repository:${this.parts.repository}:${this.#pushes ? 'pull,push' : 'pull'}`;
    return call.alsoPull === undefined ? [own] : [own, `repository:${call.alsoPull}:pull`];
  }
}

/** A timeout, a limit or a server error, except those that say the request is not supported. */
function isRetryable(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}
