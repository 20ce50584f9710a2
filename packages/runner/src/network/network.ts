import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { type Fetch, messageOf, type Proxies, TidegateError } from '@tidegate/core';
import { readProxies } from './proxies.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** HTTP with the machine's proxies and certificates. */
export interface Network {
  readonly proxies: Proxies;
  /** Like the global fetch. */
  readonly fetch: Fetch;
  /**
   * PEM certificates from SSL_CERT_FILE; Node reads NODE_EXTRA_CA_CERTS itself.
   * @throws TidegateError `bad-input` if that file cannot be read
   */
  certificates(): string | undefined;
  /**
   * Make @actions/http-client use the same proxy for the host of `url`. It reads the variables of this process itself,
   * and supports neither CIDR ranges nor `*.domain` in NO_PROXY.
   */
  alignActionsClient(url: string): void;
}

/** @param env of the process itself, which `alignActionsClient` changes */
export function readNetwork(env: NodeJS.ProcessEnv): Network {
  // Child processes and later reads see the original variables.
  const before: Variables = { ...env };
  const proxies = readProxies(before);
  const certificates = () => (before.SSL_CERT_FILE ? readCertificates(before.SSL_CERT_FILE) : undefined);
  const names = ['HTTP_PROXY', 'HTTPS_PROXY'];
  const isPlain = !before.SSL_CERT_FILE && names.every((name) => !before[name] && !before[name.toLowerCase()]);
  return {
    proxies,
    fetch: isPlain ? globalThis.fetch : fetchThrough(proxies, certificates),
    certificates,
    alignActionsClient(url) {
      const target = new URL(url);
      if (proxies.proxyFor(target) !== undefined) return;
      const others = env.no_proxy || env.NO_PROXY;
      env.no_proxy = others ? `${others},${target.hostname}` : target.hostname;
    },
  };
}

function fetchThrough(proxies: Proxies, certificates: () => string | undefined): Fetch {
  let client: Promise<Fetch> | undefined;
  const makeClient = async (): Promise<Fetch> => {
    // Node's own fetch takes a dispatcher from the same version of undici only.
    const undici = await import('undici');
    const pem = certificates();
    // Node 20 cannot list the certificates of NODE_EXTRA_CA_CERTS: there, SSL_CERT_FILE has to contain those too.
    const known = pem === undefined ? [] : (tls.getCACertificates?.('default') ?? tls.rootCertificates);
    const trust = pem === undefined ? {} : { ca: [...known, pem] };
    const dispatcher = new undici.Agent({
      factory(origin, options) {
        const proxy = proxies.proxyFor(new URL(origin));
        if (proxy === undefined) return new undici.Pool(origin, { ...options, connect: trust });
        return new undici.ProxyAgent({ uri: proxy.href, requestTls: trust, proxyTls: trust });
      },
    });
    const call = undici.fetch as unknown as (input: unknown, init: object) => Promise<Response>;
    return (input, init) => call(input, { ...init, dispatcher });
  };
  return async (input, init) => {
    // An unusable proxy is an error of its own. Inside the client, fetch would hide it.
    proxies.proxyFor(new URL(input instanceof Request ? input.url : input));
    client ??= makeClient();
    return (await client)(input, init);
  };
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TidegateError(
      'certificates-unreadable',
      `SSL_CERT_FILE names ${path}, which cannot be read: ${messageOf(cause)}.`,
      {
        next: 'Set it to a file of PEM certificates, or unset it.',
        cause,
      },
    );
  }
}
