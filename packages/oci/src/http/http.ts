import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { Writable } from 'node:stream';
import * as tls from 'node:tls';
import type { Proxies } from '@tidegate/core';
import { Buffers } from './buffers.ts';
import { asFailure, ConnectionFailure, TimeoutFailure } from './connection-failure.ts';

/** Maximum time without a byte in either direction while a body is transferred. Milliseconds. */
const IDLE_TIMEOUT = 60_000;
/** Maximum time until a response begins, for a request without a body. Milliseconds. */
const RESPONSE_TIMEOUT = 30_000;
/** Maximum time to establish a connection. The kernel would try for two minutes. Milliseconds. */
const CONNECT_TIMEOUT = 15_000;
/** Maximum time for the TLS handshake of a server on loopback. Milliseconds. */
const HANDSHAKE_TIMEOUT = 5_000;
/**
 * Abort reason for a body that is no longer needed. Without a reason, Node creates an exception with its stack each
 * time.
 */
const REQUEST_ENDED = 'the request is over';

export interface HttpBody {
  /** In bytes. Sent as Content-Length, because several registries reject chunked bodies. */
  readonly length: number;
  /**
   * Write all of it, respecting backpressure of `out`. Returns early when `stop` is aborted. Rejects with the source's
   * error.
   */
  send(out: Writable, stop: AbortSignal): Promise<void>;
}

export interface HttpRequest {
  readonly method: string;
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
  /** Proxies by URL (Node 24.5 and newer). Default: none. */
  readonly proxies?: Proxies | undefined;
  readonly maxSockets?: number | undefined;
  /** Idle timeout of a connection in milliseconds (default 60 s; 300 s when a blob is committed). */
  readonly idle?: number | undefined;
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/** A pool of kept-alive connections. Uses node:http, because fetch holds a whole body in memory. */
export class Connections {
  readonly buffers = new Buffers();
  readonly #direct: Agents;
  /** By the proxy's URL. */
  readonly #proxied = new Map<string, Agents>();
  readonly #proxies: Proxies | undefined;
  readonly #maxSockets: number;
  readonly #idle: number | undefined;
  /** PEM certificates to trust, if there are any besides Node's own. */
  readonly #trusted: { readonly ca?: string[] };

  constructor(options: ConnectionOptions = {}) {
    // `ca` alone would replace the default certificates, but a private registry often stores its blobs at a public
    // provider.
    const more = [options.ca, options.machineCa].filter((pem) => pem !== undefined);
    const ca =
      more.length === 0 ? {} : { ca: [...(tls.getCACertificates?.('default') ?? tls.rootCertificates), ...more] };
    this.#trusted = ca;
    this.#proxies = options.proxies;
    this.#maxSockets = options.maxSockets ?? 64;
    this.#direct = this.#makeAgents({});
    this.#idle = options.idle;
  }

  /**
   * Send one request and resolve with the response headers. The caller reads the body or destroys it.
   * @throws ConnectionFailure; TidegateError from the source of the body; TidegateError `cancelled`
   */
  send(request: HttpRequest): Promise<http.IncomingMessage> {
    const { body, url } = request;
    const length = body instanceof Uint8Array ? body.length : body?.length;
    return new Promise((resolve, reject) => {
      const options: https.RequestOptions = {
        method: request.method,
        headers: { ...request.headers, ...(length === undefined ? {} : { 'content-length': String(length) }) },
        agent: this.#agentFor(url),
      };
      const outgoing = url.protocol === 'https:' ? https.request(url, options) : http.request(url, options);
      this.#applyTimeouts(outgoing, request, (length ?? 0) > 0);
      // Stops the body when a response arrives before its end, and when the request ends.
      const stop = body === undefined || body instanceof Uint8Array ? undefined : new AbortController();
      let responded = false;
      outgoing.on('error', (error) => {
        const untouched = outgoing.reusedSocket && outgoing.socket?.bytesRead === readBefore;
        reject(asFailure(error, request.signal, untouched));
      });
      let readBefore: number | undefined;
      outgoing.once('socket', (socket) => {
        readBefore = socket.bytesRead;
      });
      // Do not use the `signal` option: Node's agent passes it to the socket too, which outlives this request in the
      // pool and would then be destroyed under another request.
      const abort = (): void => {
        // The agent may be taking the socket back at this moment. Its error then has no other listener and would crash
        // the process.
        outgoing.socket?.once('error', () => undefined);
        outgoing.destroy(new Error('cancelled'));
      };
      request.signal?.addEventListener('abort', abort, { once: true });
      outgoing.once('close', () => {
        request.signal?.removeEventListener('abort', abort);
        stop?.abort(REQUEST_ENDED);
        // If nothing else settled the promise: it would hang the caller.
        if (!responded) reject(new ConnectionFailure(new Error('the connection was closed without a response')));
      });
      // No other protocol was requested. Without a listener, Node drops the connection silently.
      outgoing.once('upgrade', (_response, socket) => {
        socket.destroy();
        reject(new ConnectionFailure(new Error('the server switched to another protocol')));
      });
      if (request.signal?.aborted) abort();
      outgoing.on('response', (incoming) => {
        responded = true;
        if (!outgoing.writableFinished) {
          // A response before the end of the body is an error. Stop sending, and do not reuse this connection.
          stop?.abort(REQUEST_ENDED);
          incoming.once('close', () => outgoing.destroy());
        }
        resolve(incoming);
      });
      if (body === undefined) outgoing.end();
      else if (!stop || body instanceof Uint8Array) outgoing.end(body);
      else {
        body.send(outgoing, stop.signal).then(
          () => {
            if (!stop.signal.aborted) outgoing.end();
          },
          (error: Error) => outgoing.destroy(error),
        );
      }
    });
  }

  /** Timeouts for the connection, the body and the response. */
  #applyTimeouts(outgoing: http.ClientRequest, request: HttpRequest, hasBody: boolean): void {
    let response: http.IncomingMessage | undefined;
    const fail = (why: string): void => {
      // Destroy the response itself if it has begun: through the request it would only report "aborted".
      (response ?? outgoing).destroy(new TimeoutFailure(why));
    };
    // An idle timeout set by the caller also applies to the long waits.
    const idleTimeout = this.#idle ?? IDLE_TIMEOUT;
    const responseTimeout = this.#idle ?? request.responseTimeout ?? (hasBody ? IDLE_TIMEOUT : RESPONSE_TIMEOUT);
    let limit = idleTimeout;
    outgoing.on('timeout', () => fail(`no data received for ${limit / 1000} seconds`));
    outgoing.setTimeout(idleTimeout);
    outgoing.once('socket', (socket) => {
      // A TLS connection is established when the handshake is complete; until then no other timeout runs.
      const secure = (socket as tls.TLSSocket & { readonly secureConnecting?: boolean }).secureConnecting === true;
      if (!socket.connecting && !secure) return;
      const within = this.#idle ?? CONNECT_TIMEOUT;
      const timer = setTimeout(() => fail(`no connection within ${within / 1000} seconds`), within);
      const stop = (): void => clearTimeout(timer);
      socket.once(secure ? 'secureConnect' : 'connect', stop);
      outgoing.once('close', stop);
    });
    let sent = 0;
    outgoing.once('finish', () => {
      sent = performance.now();
      limit = responseTimeout;
      outgoing.setTimeout(responseTimeout);
    });
    outgoing.once('response', (incoming) => {
      response = incoming;
      if (sent > 0) request.onResponse?.(performance.now() - sent);
      limit = idleTimeout;
      outgoing.setTimeout(idleTimeout);
    });
  }

  /**
   * Whether the server completes a TLS handshake, whatever its certificate: requests check that.
   * @returns undefined if nothing accepts the connection
   */
  speaksTls(url: URL): Promise<boolean | undefined> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const name = isIP(host) ? {} : { servername: host };
    return new Promise((resolve) => {
      const socket = tls.connect({ host, port: Number(url.port) || 443, ...name, rejectUnauthorized: false });
      const end = (response: boolean | undefined): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(response);
      };
      const timer = setTimeout(() => end(false), this.#idle ?? HANDSHAKE_TIMEOUT);
      let connected = false;
      socket.once('connect', () => {
        connected = true;
      });
      socket.once('secureConnect', () => end(true));
      // A plain-HTTP server responds with an error page or closes the connection.
      socket.on('error', () => end(connected ? false : undefined));
      socket.once('close', () => end(connected ? false : undefined));
    });
  }

  #agentFor(url: URL): http.Agent {
    const { http, https } = this.#agentsFor(url);
    return url.protocol === 'https:' ? https : http;
  }

  /** @throws TidegateError `bad-input` for a proxy that cannot be used */
  #agentsFor(url: URL): Agents {
    const proxy = this.#proxies?.proxyFor(url)?.href;
    if (proxy === undefined) return this.#direct;
    const known = this.#proxied.get(proxy);
    if (known) return known;
    // Node parses NO_PROXY differently from Go, so the decision is made here.
    const agents = this.#makeAgents({ proxyEnv: { http_proxy: proxy, https_proxy: proxy } });
    this.#proxied.set(proxy, agents);
    return agents;
  }

  #makeAgents(proxy: { readonly proxyEnv?: Record<string, string> }): Agents {
    const common = { keepAlive: true, maxSockets: this.#maxSockets, ...proxy };
    return { http: new http.Agent(common), https: new https.Agent({ ...common, ...this.#trusted }) };
  }

  close(): void {
    for (const { http, https } of [this.#direct, ...this.#proxied.values()]) {
      http.destroy();
      https.destroy();
    }
  }
}
