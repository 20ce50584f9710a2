import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { Writable } from 'node:stream';
import * as tls from 'node:tls';
import type { Proxies } from '@tidegate/core';
import { Buffers } from './buffers.ts';
import { asFailure, ConnectionFailure, Silence } from './connection-failure.ts';

/** Milliseconds without a byte in either direction, while a body is on its way. */
const IDLE = 60_000;
/** Milliseconds until an answer begins, where nothing had to be sent for it. */
const ANSWER = 30_000;
/** Milliseconds until a connection stands. The kernel alone would try for two minutes. */
const CONNECT = 15_000;
/** Milliseconds that a server on loopback has for its part of a TLS handshake. */
const HANDSHAKE = 5_000;
/** Why a body is not wanted any more. Without a reason node makes an exception with its stack each time. */
const OVER = 'the request is over';

export interface HttpBody {
  /** In bytes: it becomes Content-Length, since several registries refuse chunked bodies. */
  readonly length: number;
  /**
   * Write all of it, no faster than `out` takes it. Once `stop` is aborted nobody wants the rest: it returns.
   * Rejects with what its source threw.
   */
  send(out: Writable, stop: AbortSignal): Promise<void>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | HttpBody | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from the last byte sent to the first of the answer (default 30 s, 60 s after a body). */
  readonly answerWithin?: number | undefined;
  /** Told how many milliseconds the answer took, from the last byte sent to its first. */
  readonly onAnswer?: ((milliseconds: number) => void) | undefined;
}

export interface ConnectionOptions {
  /** PEM certificates trusted beside the system's. */
  readonly ca?: string | undefined;
  /** More of them, as SSL_CERT_FILE names for the whole machine. Says nothing of how a registry on loopback speaks. */
  readonly machineCa?: string | undefined;
  /** Which proxy a request takes (Node 24.5 and newer). Default: none. */
  readonly proxies?: Proxies | undefined;
  readonly maxSockets?: number | undefined;
  /** Milliseconds without a byte until a connection counts as dead (default 60 s; 300 s where a blob is committed). */
  readonly idle?: number | undefined;
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/**
 * Connections that are kept and used again. node:http and not fetch: fetch holds a whole body in memory.
 */
export class Connections {
  readonly buffers = new Buffers();
  readonly #direct: Agents;
  /** By the proxy's URL. */
  readonly #proxied = new Map<string, Agents>();
  readonly #proxies: Proxies | undefined;
  readonly #maxSockets: number;
  readonly #idle: number | undefined;
  /** PEM certificates to trust, where those are not node's own alone. */
  readonly #trusted: { readonly ca?: string[] };

  constructor(options: ConnectionOptions = {}) {
    // `ca` alone would replace the others, and a registry of one's own often keeps its blobs with somebody else.
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
   * One request and the head of its answer. The caller reads the body or destroys it.
   * @throws ConnectionFailure; TidegateError that the body's own source threw; TidegateError `cancelled`
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
      this.#limitWaiting(outgoing, request, (length ?? 0) > 0);
      // Stops the body when an answer comes before its end, and when the request is over.
      const stop = body === undefined || body instanceof Uint8Array ? undefined : new AbortController();
      let answered = false;
      outgoing.on('error', (error) => {
        const untouched = outgoing.reusedSocket && outgoing.socket?.bytesRead === readBefore;
        reject(asFailure(error, request.signal, untouched));
      });
      let readBefore: number | undefined;
      outgoing.once('socket', (socket) => {
        readBefore = socket.bytesRead;
      });
      // Not by the `signal` option: node's agent hands it to the socket too, which outlives this request in the pool
      // and would then die of it under another request.
      const abort = (): void => {
        // The agent may be taking the socket back this moment: then its error has no other listener, and ends us all.
        outgoing.socket?.once('error', () => undefined);
        outgoing.destroy(new Error('cancelled'));
      };
      request.signal?.addEventListener('abort', abort, { once: true });
      outgoing.once('close', () => {
        request.signal?.removeEventListener('abort', abort);
        stop?.abort(OVER);
        // Where nothing else has been said: a promise that never settles would hang the caller.
        if (!answered) reject(new ConnectionFailure(new Error('it was closed without an answer')));
      });
      // Nobody asked for another protocol. Without a listener node drops the connection and tells nobody.
      outgoing.once('upgrade', (_answer, socket) => {
        socket.destroy();
        reject(new ConnectionFailure(new Error('it answered by switching to another protocol')));
      });
      if (request.signal?.aborted) abort();
      outgoing.on('response', (incoming) => {
        answered = true;
        if (!outgoing.writableFinished) {
          // Answered before the body was through: a refusal. Stop sending, and never use this connection again.
          stop?.abort(OVER);
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

  /** A connection that does not come to stand, a body that does not move, an answer that does not come. */
  #limitWaiting(outgoing: http.ClientRequest, request: HttpRequest, hasBody: boolean): void {
    let answer: http.IncomingMessage | undefined;
    const silence = (why: string): void => {
      // Destroyed by way of the request, an answer that had begun would only say that it was aborted.
      (answer ?? outgoing).destroy(new Silence(why));
    };
    // What is told from outside holds for the long waits too: who gives it wants to know sooner.
    const moving = this.#idle ?? IDLE;
    const answering = this.#idle ?? request.answerWithin ?? (hasBody ? IDLE : ANSWER);
    let limit = moving;
    outgoing.on('timeout', () => silence(`nothing came for ${limit / 1000} seconds`));
    outgoing.setTimeout(moving);
    outgoing.once('socket', (socket) => {
      // With TLS a connection stands once the other side has proved who it is: until then nothing else counts the time.
      const secure = (socket as tls.TLSSocket & { readonly secureConnecting?: boolean }).secureConnecting === true;
      if (!socket.connecting && !secure) return;
      const within = this.#idle ?? CONNECT;
      const timer = setTimeout(() => silence(`no connection within ${within / 1000} seconds`), within);
      const stop = (): void => clearTimeout(timer);
      socket.once(secure ? 'secureConnect' : 'connect', stop);
      outgoing.once('close', stop);
    });
    let sent = 0;
    outgoing.once('finish', () => {
      sent = performance.now();
      limit = answering;
      outgoing.setTimeout(answering);
    });
    outgoing.once('response', (incoming) => {
      answer = incoming;
      if (sent > 0) request.onAnswer?.(performance.now() - sent);
      limit = moving;
      outgoing.setTimeout(moving);
    });
  }

  /**
   * Whether the server completes a TLS handshake, whatever its certificate: requests check that.
   * @returns undefined where nobody answers at all
   */
  speaksTls(url: URL): Promise<boolean | undefined> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const name = isIP(host) ? {} : { servername: host };
    return new Promise((resolve) => {
      const socket = tls.connect({ host, port: Number(url.port) || 443, ...name, rejectUnauthorized: false });
      const end = (answer: boolean | undefined): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(answer);
      };
      const timer = setTimeout(() => end(false), this.#idle ?? HANDSHAKE);
      let connected = false;
      socket.once('connect', () => {
        connected = true;
      });
      socket.once('secureConnect', () => end(true));
      // A server of plain http answers with an error page or closes the connection.
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
    // Node's own reading of NO_PROXY is not Go's: the decision is made here.
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
