import { defined } from '@tidegate/core';
import { Buffers } from './buffers.ts';
import { Dispatchers } from './dispatchers.ts';
import { Exchange } from './exchange.ts';
import type { HttpResponse } from './http-response.ts';
import type { ConnectionOptions, HttpRequest } from './request.ts';
import { speaksTls } from './tls-probe.ts';

/** Maximum time without a byte in either direction while a body is transferred. Milliseconds. */
const IDLE_TIMEOUT = 60_000;
/** Maximum time until a response begins, for a request without a body. Milliseconds. */
const RESPONSE_TIMEOUT = 30_000;

/** Pools of kept-alive connections. */
export class Connections {
  readonly buffers = new Buffers();
  readonly #dispatchers: Dispatchers;
  readonly #idle: number | undefined;

  constructor(options: ConnectionOptions = {}) {
    this.#dispatchers = new Dispatchers(options);
    this.#idle = options.idle;
  }

  /**
   * Send one request and resolve with the response headers. The caller reads the body or destroys it.
   * @throws ConnectionFailure; TidegateError from the source of the body; TidegateError `cancelled`; TidegateError
   * `bad-input` for a proxy that cannot be used
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { body, url } = request;
    const dispatcher = await this.#dispatchers.for(url);
    // An idle timeout set by the caller also applies to the long waits.
    const idle = this.#idle ?? IDLE_TIMEOUT;
    const hasBody = (body?.length ?? 0) > 0;
    const response = this.#idle ?? request.responseTimeout ?? (hasBody ? IDLE_TIMEOUT : RESPONSE_TIMEOUT);
    const exchange = new Exchange(request, { idle, response });
    if (!request.signal?.aborted) {
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: request.method,
          headers: defined({ ...request.headers, 'content-length': body && String(body.length) }),
          // undici takes an iterable too, which its types leave out.
          body: (exchange.body as Uint8Array | undefined) ?? null,
          // The exchange has its own.
          headersTimeout: 0,
          bodyTimeout: 0,
          // Without this, undici would close the connection after each HEAD.
          reset: false,
        },
        exchange,
      );
    }
    return exchange.response;
  }

  /**
   * Whether the server completes a TLS handshake, whatever its certificate: requests check that.
   * @returns undefined if nothing accepts the connection
   */
  speaksTls(url: URL): Promise<boolean | undefined> {
    return speaksTls(url, this.#idle);
  }

  close(): void {
    this.#dispatchers.close();
  }
}
