import { deferred } from '@tidegate/core';
import type { Dispatcher } from 'undici';
import { asFailure, TimeoutFailure } from './connection-failure.ts';
import { HttpResponse } from './http-response.ts';
import type { HttpBody, HttpRequest } from './request.ts';
import { plainError } from './undici-error.ts';

/**
 * Abort reason for a body that is no longer needed. Without a reason, Node creates an exception with its stack each
 * time.
 */
const REQUEST_ENDED = 'the request is over';

/** In milliseconds. */
interface Timeouts {
  /** Without a byte while a body is transferred. */
  readonly idle: number;
  /** From the last byte sent to the first byte of the response. */
  readonly response: number;
}

/** One request and its response, as undici reports their progress. */
export class Exchange implements Dispatcher.DispatchHandlers {
  readonly response: Promise<HttpResponse>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** Set by the connection that the request is sent on: how many it has sent since it was opened. */
  connection: { requests: number } | undefined;
  readonly #request: HttpRequest;
  readonly #timeouts: Timeouts;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: Error) => void;
  readonly #stop = new AbortController();
  readonly #onSignal = (): void => this.#cancel(new Error('cancelled'));
  #abort: ((error: Error) => void) | undefined;
  #incoming: HttpResponse | undefined;
  #over: Error | true | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reused = false;
  #begun = false;
  /** Time of the last byte sent. */
  #sent = 0;

  constructor(request: HttpRequest, timeouts: Timeouts) {
    this.#request = request;
    this.#timeouts = timeouts;
    const { promise, resolve, reject } = deferred<HttpResponse>();
    this.response = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    const { body, signal } = request;
    this.body = body === undefined || body instanceof Uint8Array ? body : this.#watched(body);
    signal?.addEventListener('abort', this.#onSignal, { once: true });
    if (signal?.aborted) this.#onSignal();
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    // Cancelled while it waited for a connection.
    if (this.#over instanceof Error) {
      abort(this.#over);
      return;
    }
    this.#reused = (this.connection?.requests ?? 0) > 0;
    if (this.connection) this.connection.requests += 1;
  }

  onRequestSent(): void {
    this.#sent = performance.now();
    if (!this.#incoming) this.#expect('received', this.#timeouts.response);
  }

  onResponseStarted(): void {
    this.#begun = true;
  }

  onHeaders(statusCode: number, headers: readonly Buffer[], resume: () => void): boolean {
    // 100 Continue, 103 Early Hints.
    if (statusCode < 200 || this.#over) return true;
    if (this.#sent > 0) this.#request.onResponse?.(performance.now() - this.#sent);
    const abort = (): void => this.#cancel(new Error('the response is not read'));
    const resumed = (): void => {
      this.#expect('received', this.#timeouts.idle);
      resume();
    };
    this.#incoming = new HttpResponse(this.#request.method, statusCode, headers, { resume: resumed, abort });
    this.#expect('received', this.#timeouts.idle);
    this.#resolve(this.#incoming);
    return true;
  }

  onData(chunk: Buffer): boolean {
    const wanted = this.#incoming?.push(chunk) ?? true;
    // While nobody reads, the server has no time limit.
    if (wanted) this.#timer?.refresh();
    else clearTimeout(this.#timer);
    return wanted;
  }

  onComplete(): void {
    this.#end(true);
    // undici reuses the connection from the next turn of the event loop on. A caller that waits for the end of this
    // response would otherwise open another one. The microtask runs after undici has scheduled its turn.
    queueMicrotask(() => setImmediate(() => this.#incoming?.push(null)));
  }

  onError(error: Error): void {
    if (this.#over) return;
    this.#end(error);
    const plain = plainError(error);
    if (this.#incoming) this.#incoming.destroy(plain);
    // The server had closed a kept-alive connection before it saw this request.
    else this.#reject(asFailure(plain, this.#request.signal, this.#reused && !this.#begun));
  }

  #cancel(error: Error): void {
    if (this.#over) return;
    const abort = this.#abort;
    this.onError(error);
    abort?.(error);
  }

  #end(how: Error | true): void {
    if (this.#over) return;
    this.#over = how;
    this.#request.signal?.removeEventListener('abort', this.#onSignal);
    this.#stop.abort(REQUEST_ENDED);
    clearTimeout(this.#timer);
  }

  /** Fail unless something happens in time. undici's own timeouts are late by up to a second, and know no sent bytes. */
  #expect(what: 'sent' | 'received', limit: number): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    const why = `no data ${what} for ${limit / 1000} seconds`;
    this.#timer = setTimeout(() => this.#cancel(new TimeoutFailure(why)), limit);
  }

  /** The body, whose chunks must be accepted in time. */
  async *#watched(body: HttpBody): AsyncGenerator<Uint8Array> {
    for await (const chunk of body.chunks(this.#stop.signal)) {
      if (this.#over) return;
      if (!this.#incoming) this.#expect('sent', this.#timeouts.idle);
      yield chunk;
    }
  }
}
