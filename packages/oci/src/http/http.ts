import type { Proxies } from '@tidegate/core';
import { Buffers } from './buffers.ts';
import { Dispatchers } from './dispatchers.ts';
import { Exchange } from './exchange.ts';
import type { HttpResponse } from './http-response.ts';
import { speaksTls } from './tls-probe.ts';

/** Maximum time without a byte in either direction while a body is transferred. Milliseconds. */
const IDLE_TIMEOUT = 60_000;
/** Maximum time until a response begins, for a request without a body. Milliseconds. */
const RESPONSE_TIMEOUT = 30_000;

export interface HttpBody {
  /** In bytes. Sent as Content-Length, because several registries reject chunked bodies. */
  readonly length: number;
  /**
   * All of it. The memory of a chunk of more than 64 KiB may be reused when the next one is requested: the kernel has
   * it by then. Ends early when `stop` is aborted. Throws the source's error.
   */
  chunks(stop: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | HttpBody | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Maximum time from the last byte sent to the first byte of the response, in milliseconds (default 30 s, 60 s after a
   * body).
   */
  readonly responseTimeout?: number | undefined;
  /** Called with the response time, from the last byte sent to the first byte received, in milliseconds. */
  readonly onResponse?: ((milliseconds: number) => void) | undefined;
}

export interface ConnectionOptions {
  /** PEM certificates trusted in addition to the system's. */
  readonly ca?: string | undefined;
  /**
   * Additional ones, from SSL_CERT_FILE of the whole machine. Unlike `ca`, they do not imply that a registry on
   * loopback uses https.
   */
  readonly machineCa?: string | undefined;
  /** Proxies by URL. Default: none. */
  readonly proxies?: Proxies | undefined;
  readonly maxSockets?: number | undefined;
  /** Idle timeout of a connection in milliseconds (default 60 s; 300 s when a blob is committed). */
  readonly idle?: number | undefined;
}

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
          headers: { ...request.headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) },
          // undici takes an iterable too, which its types leave out.
          body: (exchange.body as Uint8Array | undefined) ?? null,
          headersTimeout: response,
          bodyTimeout: idle,
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
