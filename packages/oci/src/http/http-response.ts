import { Readable } from 'node:stream';

/** Received bytes that wait for the reader before reading from the connection pauses. */
const HIGH_WATER_MARK = 128 * 1024;

/** How a response controls its connection. */
interface Source {
  /** Continue reading after `push` returned false. */
  resume(): void;
  /** Nobody reads the rest: close the connection. */
  abort(): void;
}

/** Status and headers of a response, and its body as a stream. */
export class HttpResponse extends Readable {
  readonly method: string;
  readonly statusCode: number;
  /** By name in lower case; repeated values are joined. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly #source: Source;

  constructor(method: string, statusCode: number, rawHeaders: readonly Buffer[], source: Source) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.method = method;
    this.statusCode = statusCode;
    this.headers = parseHeaders(rawHeaders);
    this.#source = source;
    // An error while nobody reads is not a crash: it stays in `errored`, and the next reader gets it.
    this.on('error', () => undefined);
  }

  override _read(): void {
    // Not at once: another response's parser may be running, and undici's parser is one for all connections.
    queueMicrotask(() => this.#source.resume());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#source.abort();
    done(error);
  }
}

/** A second value of these is an error of the server; the first one counts, as in Node's own client. */
const SINGLE = new Set(['content-length', 'content-type', 'etag', 'location', 'retry-after']);

/** @param raw names and values in turn */
function parseHeaders(raw: readonly Buffer[]): Readonly<Record<string, string | undefined>> {
  // Names come from the server: `__proto__` or `constructor` must not find anything here.
  const headers: Record<string, string | undefined> = Object.create(null);
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = String(raw[at]?.toString('latin1')).toLowerCase();
    const value = String(raw[at + 1]?.toString('latin1'));
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (!SINGLE.has(name)) headers[name] = `${before}, ${value}`;
  }
  return headers;
}
