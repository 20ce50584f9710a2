import {
  clipped,
  createRedactor,
  type ErrorId,
  hasKind,
  isRecord,
  messageOf,
  parsedJson,
  TidegateError,
  visible,
} from '@tidegate/core';
import { asFailure, ConnectionFailure } from '../http/connection-failure.ts';
import { Connections } from '../http/http.ts';
import type { ConnectionOptions } from '../http/request.ts';
import {
  DEFAULT_RETRY,
  parseRetryAfter,
  RetryableError,
  type RetryPolicy,
  type Timing,
  withRetry,
} from '../http/retry.ts';
import { registryText } from '../registry/error.ts';
import { readAll } from '../verified.ts';

/** One request, from the first byte sent to the last one received. Milliseconds. */
const TIMEOUT = 30_000;
/** Responses have a few KiB: an access token of Entra has about 2. Bytes. */
const RESPONSE_LIMIT = 256 * 1024;
/** The job's token is valid for five minutes, so there is no point in a longer wait. */
const RETRY: RetryPolicy = { ...DEFAULT_RETRY, attempts: 5, maxRetryAfter: 60_000, deadline: 120_000 };

export interface IdentityServices {
  readonly connection: ConnectionOptions;
  /** The job's own OpenID Connect token for one audience. */
  readonly jobToken: (audience: string) => Promise<string>;
  /** Called with every token before it is used, so that logs can mask it. */
  readonly onSecret: (secret: string) => void;
  readonly timing: Timing;
  readonly signal?: AbortSignal | undefined;
}

export interface TokenRequest {
  readonly url: URL;
  readonly method?: 'GET' | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: URLSearchParams | object | undefined;
  /** How to fix a rejection, from the service's own code or text. */
  readonly advice: (reported: string) => string;
  /** The fix for a status of 5xx, if that may be a rejection. */
  readonly outage?: string | undefined;
  /** Where the service puts the reason of a rejection. */
  readonly reason: (body: string) => string;
}

/** The requests that turn the job's identity into credentials for one registry, and the secrets in them. */
export class IdentityExchange {
  readonly registry: string;
  readonly timing: Timing;
  readonly #services: IdentityServices;
  readonly #connections: Connections;
  readonly #secrets = createRedactor();
  #subject = '';

  constructor(registry: string, services: IdentityServices) {
    this.registry = registry;
    this.timing = services.timing;
    this.#services = services;
    this.#connections = new Connections(services.connection);
  }

  close(): void {
    this.#connections.close();
  }

  /** @throws TidegateError `unauthorized` if the job may have no token */
  async jobToken(audience: string): Promise<string> {
    const token = this.secret(await this.#services.jobToken(audience), 'the runner');
    this.#subject = String(claimsOf(token).sub ?? '');
    return token;
  }

  /**
   * Mask a secret, which is then safe to use in a header.
   * @throws TidegateError if `value` is none: a line break would inject headers
   */
  secret(value: unknown, from: string): string {
    if (typeof value !== 'string' || !/^[\x21-\x7e]{1,65536}$/.test(value)) {
      throw this.failure(`${from} returned no usable token`);
    }
    this.#secrets.add(value);
    this.#services.onSecret(value);
    return value;
  }

  /**
   * The body of a successful response.
   * @throws TidegateError for a rejection, or if the service fails or responds with something else
   */
  async send(request: TokenRequest): Promise<string> {
    const { timing, signal } = this.#services;
    return withRetry({ timing, policy: RETRY }, signal, () => this.#once(request));
  }

  /** The fields of a JSON response, see `send`. */
  async fields(request: TokenRequest): Promise<Readonly<Record<string, unknown>>> {
    const fields = parseFields(await this.send(request));
    if (fields) return fields;
    throw this.failure(`${request.url.host} responded with something other than a JSON object`);
  }

  failure(why: string, id: ErrorId = 'identity-service-failed', next?: string, cause?: unknown): TidegateError {
    return new TidegateError(id, `Login at ${this.registry} without a password: ${why}.`, { next, cause });
  }

  async #once(request: TokenRequest): Promise<string> {
    const { url } = request;
    const timeout = AbortSignal.timeout(TIMEOUT);
    const signals = [timeout, this.#services.signal].filter((one) => one !== undefined);
    try {
      const response = await this.#connections.send({ ...messageOfRequest(request), signal: AbortSignal.any(signals) });
      const body = String(await readAll(response, RESPONSE_LIMIT, url.host));
      const { statusCode: status } = response;
      if (status >= 200 && status < 300) return body;
      throw this.#rejection(request, status, body, response.headers['retry-after']);
    } catch (error) {
      if (this.#services.signal?.aborted) throw asFailure(error, this.#services.signal);
      if (timeout.aborted) {
        throw new RetryableError(
          this.failure(`${url.host} sent no complete response in ${TIMEOUT / 1000} seconds`),
          undefined,
          true,
        );
      }
      if (error instanceof RetryableError || hasKind(error, 'registry', 'unauthorized', 'bad-input')) throw error;
      if (hasKind(error, 'integrity')) throw this.failure(`${url.host} sent more than ${RESPONSE_LIMIT} bytes`);
      const failed = asFailure(error, undefined);
      const why = `${url.host} is not reachable: ${messageOf(failed)}`;
      const next = `Check that ${url.host} is reachable from this runner, and any proxy.`;
      const failure = this.failure(why, 'identity-service-failed', next, error);
      throw failed instanceof ConnectionFailure && failed.transient
        ? new RetryableError(failure, undefined, failed.timedOut)
        : failure;
    }
  }

  #rejection(
    { url, reason, advice, outage }: TokenRequest,
    status: number,
    body: string,
    retryAfter: string | undefined,
  ): Error {
    const reported = registryText(this.#secrets.redact(reason(body)));
    const shown = `${status}${reported === '' ? '' : ` (${visible(reported)})`}`;
    if (status === 429 || status >= 500) {
      const failure = this.failure(`${url.host} responded with ${shown}`, 'identity-service-failed', outage);
      return new RetryableError(failure, parseRetryAfter(retryAfter, this.timing.now()));
    }
    // Node follows none, and nothing here does: another host would get the job's identity.
    if (status >= 300 && status < 400)
      return this.failure(`${url.host} redirects, which is not followed with credentials`);
    const subject = visible(clipped(this.#subject, 200));
    const who = subject === '' ? 'this job' : `the subject ${JSON.stringify(subject)}`;
    return this.failure(`${url.host} rejected ${who} with ${shown}`, 'registry-identity-denied', advice(reported));
  }
}

/** The claims of a JSON Web Token, not verified: for messages and lifetimes only. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return parseFields(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) ?? {};
}

/** A parser's message would quote the text, which may be a token. */
export function parseFields(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parsedJson(text);
  return isRecord(value) ? value : undefined;
}

function messageOfRequest({ url, method, headers, body }: TokenRequest) {
  const common = { 'user-agent': 'tidegate', accept: 'application/json', ...headers };
  if (method === 'GET' || body === undefined) return { method: 'GET', url, headers: common } as const;
  const [type, text] =
    body instanceof URLSearchParams
      ? ['application/x-www-form-urlencoded', body.toString()]
      : ['application/json', JSON.stringify(body)];
  return { method: 'POST', url, headers: { 'content-type': type, ...common }, body: Buffer.from(text) } as const;
}
