import { isLoopback } from '../http/addresses.ts';
import type { Connections } from '../http/http.ts';
import type { ConnectionOptions } from '../http/request.ts';

interface EndpointOptions extends Pick<ConnectionOptions, 'ca'> {
  readonly insecure?: readonly string[];
}

/**
 * The base URL of a registry: https, or plain HTTP for hosts in `insecure`. On loopback, where both are common, https
 * is tried first, as docker does.
 */
export class Endpoint {
  #url: URL;
  readonly #connections: Connections;
  /** Whether the scheme is still unknown. */
  #schemeUnknown: boolean;
  #probe: Promise<boolean | undefined> | undefined;

  constructor(registry: string, options: EndpointOptions, connections: Connections) {
    // Docker Hub's registry host differs from the name in references.
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const secure = new URL(`https://${host}`);
    const insecure = options.insecure?.includes(registry) === true;
    this.#schemeUnknown = !insecure && options.ca === undefined && isLoopback(secure.hostname);
    this.#url = insecure || this.#schemeUnknown ? new URL(`http://${host}`) : secure;
    this.#connections = connections;
  }

  /** `https://registry-1.docker.io` */
  get url(): URL {
    return this.#url;
  }

  /** Detect the scheme. Await it before the first request. */
  async resolveScheme(): Promise<void> {
    if (!this.#schemeUnknown) return;
    this.#probe ??= this.#connections.speaksTls(new URL(`https://${this.#url.host}`));
    const secure = await this.#probe;
    // No connection: the request itself reports it, and the next one probes again.
    if (secure === undefined) this.#probe = undefined;
    else if (this.#schemeUnknown) {
      this.#schemeUnknown = false;
      if (secure) this.#url = new URL(`https://${this.#url.host}`);
    }
  }

  /** Correct a URL on this registry that was created before its scheme was known. */
  current(url: URL): URL {
    if (url.host !== this.#url.host || url.protocol === this.#url.protocol || this.#url.protocol !== 'https:')
      return url;
    return new URL(url.href.replace(/^http:/, 'https:'));
  }
}
