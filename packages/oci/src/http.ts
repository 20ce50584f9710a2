import * as http from 'node:http';
import * as https from 'node:https';
import type { Readable } from 'node:stream';
import { hasCode, messageOf, TidegateError } from '@tidegate/core';

/** Milliseconds without a byte in either direction. */
const IDLE = 60_000;
/** An unwanted body longer than this costs more to read than a new connection does. Bytes. */
const DISCARD_LIMIT = 64 * 1024;

export interface HttpBody {
  /** In bytes: it becomes Content-Length, since several registries refuse chunked bodies. */
  readonly length: number;
  open(): Readable;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | HttpBody | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly idle?: number | undefined;
}

export interface ConnectionOptions {
  /** PEM certificates trusted beside the system's. */
  readonly ca?: string | undefined;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY as the environment has them (Node 24.5 and newer). */
  readonly proxyEnv?: Readonly<Record<string, string>> | undefined;
  readonly maxSockets?: number | undefined;
  /** Milliseconds without a byte until a connection counts as dead (default 60 s; 300 s where a blob is committed). */
  readonly idle?: number | undefined;
}

/** What failed below HTTP: no answer came, or not all of it. */
export class ConnectionFailure extends Error {
  /** Whether it may go well the next time; a certificate or a name that is wrong stays wrong. */
  readonly transient: boolean;

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.transient = TRANSIENT.has((cause as NodeJS.ErrnoException).code ?? '');
  }
}

const TRANSIENT = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'HPE_INVALID_EOF_STATE',
]);

/**
 * Connections that are kept and used again. node:http and not fetch: fetch holds a whole body in memory.
 */
export class Connections {
  readonly #http: http.Agent;
  readonly #https: https.Agent;
  readonly #idle: number | undefined;

  constructor(options: ConnectionOptions = {}) {
    const common = {
      keepAlive: true,
      maxSockets: options.maxSockets ?? 32,
      ...(options.proxyEnv ? { proxyEnv: { ...options.proxyEnv } } : {}),
    };
    this.#idle = options.idle;
    this.#http = new http.Agent(common);
    this.#https = new https.Agent({ ...common, ...(options.ca === undefined ? {} : { ca: options.ca }) });
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
        agent: url.protocol === 'https:' ? this.#https : this.#http,
      };
      const outgoing = url.protocol === 'https:' ? https.request(url, options) : http.request(url, options);
      // What is told from outside holds for the long waits too: who gives it wants to know sooner.
      const idle = this.#idle ?? request.idle ?? IDLE;
      outgoing.setTimeout(idle, () => {
        const error: NodeJS.ErrnoException = new Error(`nothing came for ${idle / 1000} seconds`);
        error.code = 'ETIMEDOUT';
        outgoing.destroy(error);
      });
      outgoing.on('error', (error) => reject(asFailure(error, request.signal)));
      // Not by the `signal` option: node's agent hands it to the socket too, which outlives this request in the pool
      // and would then die of it under another request.
      const abort = (): void => {
        // The agent may be taking the socket back this moment: then its error has no other listener, and ends us all.
        outgoing.socket?.once('error', () => undefined);
        outgoing.destroy(new Error('cancelled'));
      };
      request.signal?.addEventListener('abort', abort, { once: true });
      outgoing.once('close', () => request.signal?.removeEventListener('abort', abort));
      if (request.signal?.aborted) abort();
      let source: Readable | undefined;
      outgoing.on('response', (incoming) => {
        if (source && !outgoing.writableFinished) {
          // Answered before the body was through: a refusal. Stop sending, and never use this connection again.
          source.unpipe(outgoing);
          source.destroy();
          incoming.once('close', () => outgoing.destroy());
        }
        resolve(incoming);
      });
      if (body === undefined) outgoing.end();
      else if (body instanceof Uint8Array) outgoing.end(body);
      else {
        source = body.open();
        source.on('error', (error) => outgoing.destroy(error));
        outgoing.on('close', () => source?.destroy());
        source.pipe(outgoing);
      }
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

/** The error of a body that broke off, in the same words as that of a request. */
export function asFailure(error: unknown, signal: AbortSignal | undefined): Error {
  if (error instanceof TidegateError || error instanceof ConnectionFailure) return error;
  if (signal?.aborted) {
    if (hasCode(signal.reason, 'cancelled')) return signal.reason;
    return new TidegateError('cancelled', 'Cancelled: talking to the registry.', { cause: error });
  }
  return new ConnectionFailure(error);
}

/**
 * Let go of a body nobody wants. Short ones are read to their end, so that the next request finds the connection
 * free instead of opening another.
 */
export async function discard(incoming: http.IncomingMessage): Promise<void> {
  const length = bodiless(incoming) ? 0 : Number(incoming.headers['content-length'] ?? 0);
  if (length > DISCARD_LIMIT) {
    incoming.on('error', () => undefined).destroy();
    return;
  }
  await new Promise<void>((resolve) => {
    let read = 0;
    incoming.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > DISCARD_LIMIT) incoming.destroy();
    });
    // Cut or not: nobody wanted it.
    incoming.on('error', () => resolve()).on('close', () => resolve());
  });
}

/** What an answer to HEAD says of its length is about another answer. */
function bodiless(incoming: http.IncomingMessage): boolean {
  return (incoming as http.IncomingMessage & { readonly req?: http.ClientRequest }).req?.method === 'HEAD';
}

/** A header that comes once. */
export function header(incoming: http.IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
