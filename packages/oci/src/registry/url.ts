import { isLoopback } from '../http/addresses.ts';
import type { ConnectionOptions, Connections } from '../http/http.ts';

interface EndpointOptions extends Pick<ConnectionOptions, 'ca'> {
  readonly insecure?: readonly string[];
}

/**
 * The base URL of a registry: https, and plain http for hosts that `insecure` names. On loopback, where people run
 * registries of both kinds, https is tried first, as docker does.
 */
export class Endpoint {
  #url: URL;
  readonly #connections: Connections;
  /** Whether the scheme is still to be found out. */
  #open: boolean;
  #asking: Promise<boolean | undefined> | undefined;

  constructor(registry: string, options: EndpointOptions, connections: Connections) {
    // Docker Hub's registry has another name than its images carry.
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const secure = new URL(`https://${host}`);
    const insecure = options.insecure?.includes(registry) === true;
    this.#open = !insecure && options.ca === undefined && isLoopback(secure.hostname);
    this.#url = insecure || this.#open ? new URL(`http://${host}`) : secure;
    this.#connections = connections;
  }

  /** `https://registry-1.docker.io` */
  get url(): URL {
    return this.#url;
  }

  /** To be awaited before the first request. */
  async settle(): Promise<void> {
    if (!this.#open) return;
    this.#asking ??= this.#connections.speaksTls(new URL(`https://${this.#url.host}`));
    const secure = await this.#asking;
    // Nobody answered: the request itself says so, and the next one asks again.
    if (secure === undefined) this.#asking = undefined;
    else if (this.#open) {
      this.#open = false;
      if (secure) this.#url = new URL(`https://${this.#url.host}`);
    }
  }

  /** A URL on this registry that was made before its scheme was known. */
  current(url: URL): URL {
    if (url.host !== this.#url.host || url.protocol === this.#url.protocol || this.#url.protocol !== 'https:')
      return url;
    return new URL(url.href.replace(/^http:/, 'https:'));
  }
}
