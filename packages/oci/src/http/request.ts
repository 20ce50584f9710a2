import type { Proxies } from '@tidegate/core';

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
