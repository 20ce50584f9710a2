import { createRedactor, hasKind } from '@tidegate/core';
import type { Connections } from '../http/http.ts';
import type { Timing } from '../http/retry.ts';
import type { Endpoint } from '../registry/url.ts';
import { type Challenge, parseChallenges, scopesFor } from './challenge.ts';
import type { Credential, CredentialSource } from './credentials.ts';
import { checkRealm } from './realm.ts';
import { basicHeader, bearerHeader, requestToken } from './token-service.ts';

/**
 * Dependencies of an `Authorizer`. A registry-token is sent to its registry as is; other credentials are exchanged or
 * sent with Basic.
 */
export interface AuthorizerParts {
  readonly registry: string;
  readonly endpoint: Pick<Endpoint, 'url'>;
  readonly source: CredentialSource | undefined;
  readonly connections: Connections;
  readonly timing: Timing;
  readonly agent: string;
  /** Hosts (with port) of the registry's token service, if the user configured them. */
  readonly tokenServices?: readonly string[] | undefined;
  /** Called with each secret before it is used, so that logs can mask it. */
  readonly onSecret?: ((secret: string) => void) | undefined;
}

/** Authentication to one registry. Credentials are requested once, tokens are cached per scope until they expire. */
export class Authorizer {
  readonly #parts: AuthorizerParts;
  readonly #secrets = createRedactor();
  readonly #tokens = new Map<string, { readonly header: string; readonly until: number }>();
  readonly #pending = new Map<string, Promise<string>>();
  #credential: Promise<Credential | undefined> | undefined;
  #challenge: Challenge | undefined;

  constructor(parts: AuthorizerParts) {
    this.#parts = parts;
  }

  /** Remove secrets from text that the registry wrote: it may repeat secrets that it was sent. */
  redact(text: string): string {
    return this.#secrets.redact(text);
  }

  /** The Authorization header. Undefined until the registry has sent a challenge. */
  async header(scopes: readonly string[]): Promise<string | undefined> {
    if (!this.#challenge) return undefined;
    return this.#authorization(this.#challenge, scopes);
  }

  /**
   * Learn from a 401. @param used the rejected header
   * @returns whether a retry may succeed
   */
  async learn(line: string | undefined, used: string | undefined, scopes: readonly string[]): Promise<boolean> {
    const challenges = parseChallenges(line ?? '');
    const challenge =
      challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.realm !== undefined) ??
      challenges.find(({ scheme }) => scheme === 'basic');
    if (!challenge) return false;
    const key = scopes.join(' ');
    // Another request may have fetched a new token while this one was rejected: then use that.
    if (this.#tokens.get(key)?.header === used) this.#tokens.delete(key);
    const first = !this.#challenge || used === undefined;
    this.#challenge = challenge;
    if (first) return true;
    const before = await this.#credentials();
    if (challenge.scheme === 'bearer' && before?.kind !== 'registry-token') return true;
    // Another request may have renewed it since this one was sent, and the source has nothing newer than that.
    if (used !== (await this.header(scopes))) return true;
    // The credential itself has expired: a helper may have a newer one (those of ECR and GAR are valid for hours).
    return this.#renew(before);
  }

  async #authorization(challenge: Challenge, scopes: readonly string[]): Promise<string | undefined> {
    const credential = await this.#credentials();
    if (credential?.kind === 'registry-token') return bearerHeader(credential.token, this.#parts.registry);
    if (challenge.scheme === 'basic') return credential ? this.#noteHeader(basicHeader(credential)) : undefined;
    const key = scopes.join(' ');
    const kept = this.#tokens.get(key);
    if (kept && kept.until > this.#parts.timing.now()) return kept.header;
    const pending = this.#pending.get(key);
    if (pending) return pending;
    // Shared by concurrent uploads, so no single signal may abort it.
    const fetching = this.#fetchToken(challenge, scopes, key).finally(() => this.#pending.delete(key));
    this.#pending.set(key, fetching);
    return fetching;
  }

  async #credentials(): Promise<Credential | undefined> {
    this.#credential ??= this.#fromSource();
    const known = await this.#credential;
    if (known?.until === undefined || this.#parts.timing.now() < known.until) return known;
    // The source shares the new one among concurrent requests.
    this.#credential = this.#fromSource();
    return this.#credential;
  }

  async #fromSource(): Promise<Credential | undefined> {
    const credential = await this.#parts.source?.(this.#parts.registry);
    if (credential) this.#note(credential.kind === 'password' ? credential.password : credential.token);
    return credential;
  }

  /** @returns whether the source returned a new credential */
  async #renew(before: Credential | undefined): Promise<boolean> {
    const now = await this.#fromSource();
    if (now === undefined || same(now, before)) return false;
    this.#credential = Promise.resolve(now);
    return true;
  }

  async #fetchToken(challenge: Challenge, scopes: readonly string[], key: string): Promise<string> {
    const { registry, endpoint, tokenServices, agent, connections, timing } = this.#parts;
    const { realm = '', service, scope } = challenge.parameters;
    const checked = checkRealm(realm, endpoint.url, tokenServices);
    const wanted = {
      registry,
      realm: checked,
      service,
      scopes: scopesFor(scopes, scope),
      agent,
      secrets: this.#secrets,
      timing,
    };
    const before = await this.#credentials();
    const granted = await requestToken(connections, { ...wanted, credential: before }).catch(async (error: unknown) => {
      // An access token used as a password (GAR: one hour) has expired: a helper returns a new one.
      if (!before || !hasKind(error, 'unauthorized') || !(await this.#renew(before))) throw error;
      return requestToken(connections, { ...wanted, credential: await this.#credentials() });
    });
    this.#note(granted.token);
    const header = bearerHeader(granted.token, checked.host);
    // Expire 10 % early, so that it does not expire in transit.
    this.#tokens.set(key, { header, until: timing.now() + granted.seconds * 900 });
    return header;
  }

  #note(secret: string): void {
    this.#secrets.add(secret);
    this.#parts.onSecret?.(secret);
  }

  #noteHeader(header: string): string {
    this.#secrets.add(header.slice(header.indexOf(' ') + 1));
    return header;
  }
}

function same(a: Credential, b: Credential | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
