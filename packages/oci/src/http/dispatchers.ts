import { Socket } from 'node:net';
import * as tls from 'node:tls';
import { defined } from '@tidegate/core';
import type { buildConnector, Client, Dispatcher, Pool } from 'undici';
import { Exchange } from './exchange.ts';
import type { ConnectionOptions } from './request.ts';
import { connectError } from './undici-error.ts';

/** Maximum time to establish a connection, with TLS. The kernel would try for two minutes. Milliseconds. */
const CONNECT_TIMEOUT = 15_000;
/** Time that an idle connection is kept, unless the server announces another. Milliseconds. */
const KEEP_ALIVE = 30_000;

type Undici = typeof import('undici');
type Connector = buildConnector.connector;

/** undici's pools of connections: direct ones, and those through each proxy. */
export class Dispatchers {
  readonly #options: ConnectionOptions;
  readonly #timeout: number;
  /** By the proxy's URL; the empty one is for direct connections. */
  readonly #pools = new Map<string, Promise<Dispatcher>>();
  readonly #connecting = new Set<unknown>();
  /** PEM certificates to trust, if there are any besides Node's own. */
  readonly #trusted: { readonly ca?: string[] };

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#timeout = options.idle ?? CONNECT_TIMEOUT;
    // `ca` alone would replace the default certificates, but a private registry often stores its blobs at a public
    // provider.
    const more = [options.ca, options.machineCa].filter((pem) => pem !== undefined);
    this.#trusted =
      more.length === 0 ? {} : { ca: [...(tls.getCACertificates?.('default') ?? tls.rootCertificates), ...more] };
  }

  /** @throws TidegateError `bad-input` for a proxy that cannot be used */
  for(url: URL): Promise<Dispatcher> {
    // undici parses NO_PROXY differently from Go, so the decision is made here.
    const proxy = this.#options.proxies?.proxyFor(url);
    const key = proxy?.href ?? '';
    const known = this.#pools.get(key);
    if (known) return known;
    // Loaded with the first request: many runs send none.
    const made = import('undici').then((undici) => (proxy ? this.#through(proxy, undici) : this.#direct(undici)));
    this.#pools.set(key, made);
    return made;
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.then((made) => made.destroy()).catch(() => undefined);
    this.#pools.clear();
    for (const pending of this.#connecting) if (pending instanceof Socket) pending.destroy();
  }

  #direct(undici: Undici): Dispatcher {
    const connect = undici.buildConnector({ timeout: this.#timeout, ...this.#trusted });
    return new undici.Agent({ connect, factory: this.#poolFactory(undici) });
  }

  #through(proxy: URL, undici: Undici): Dispatcher {
    const secure = { timeout: this.#timeout, ...this.#trusted };
    return new undici.ProxyAgent({
      uri: proxy.origin,
      ...defined({ token: proxy.username === '' ? undefined : basic(proxy) }),
      // Plain HTTP is requested from the proxy itself, as Go does: many proxies allow CONNECT to port 443 only.
      proxyTunnel: false,
      requestTls: secure,
      proxyTls: secure,
      factory: this.#poolFactory(undici),
      clientFactory: (origin, options: { readonly connect?: Connector }) =>
        new undici.Pool(origin, { ...options, ...this.#reporting(options.connect), headersTimeout: this.#timeout }),
    });
  }

  /** The connector with errors that say what failed. `close` also ends connections that are still being made. */
  #reporting(connect: Connector | undefined): { readonly connect?: Connector } {
    if (!connect) return {};
    return {
      connect: (options, callback) => {
        // undici's own connectors return the socket, which their types leave out.
        const pending: unknown = connect(options, (...[error, socket]) => {
          this.#connecting.delete(pending);
          if (error) callback(connectError(error, this.#timeout), null);
          else callback(null, socket);
        });
        this.#connecting.add(pending);
      },
    };
  }

  #poolFactory(undici: Undici): (origin: string | URL, options: object) => Pool {
    const CountingClient = countingClient(undici);
    return (origin, options: { readonly connect?: Connector }) =>
      new undici.Pool(origin, {
        ...options,
        ...this.#reporting(options.connect),
        connections: this.#options.maxSockets ?? 64,
        keepAliveTimeout: KEEP_ALIVE,
        factory: (target, more) => new CountingClient(target, more),
      });
  }
}

/** One connection of a pool, which tells each exchange whether another one used it before. */
function countingClient({ Client: Base }: Undici): new (origin: URL, options: object) => Client {
  return class extends Base {
    readonly #use = { requests: 0 };

    constructor(origin: URL, options: object) {
      super(origin, options);
      this.on('connect', () => {
        this.#use.requests = 0;
      });
    }

    override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandlers): boolean {
      if (handler instanceof Exchange) handler.connection = this.#use;
      return super.dispatch(options, handler);
    }
  };
}

/** @throws nothing: a percent sign that is no escape is sent as it is */
function basic({ username, password }: URL): string {
  const decoded = [username, password].map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return `Basic ${Buffer.from(decoded.join(':')).toString('base64')}`;
}
