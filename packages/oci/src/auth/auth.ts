import { createRedactor, hasCode } from '@tidegate/core';
import type { Connections } from '../http/http.ts';
import type { Timing } from '../http/retry.ts';
import type { Endpoint } from '../registry/url.ts';
import { type Challenge, parseChallenges, scopesFor } from './challenge.ts';
import type { Credential, CredentialSource } from './credentials.ts';
import { checkRealm } from './realm.ts';
import { basicHeader, bearerHeader, requestToken } from './token-service.ts';

/** A registry-token is good for one registry and needs no question; the others are exchanged or sent with Basic. */
export interface AuthorizerParts {
  readonly registry: string;
  readonly endpoint: Pick<Endpoint, 'url'>;
  readonly source: CredentialSource | undefined;
  readonly connections: Connections;
  readonly timing: Timing;
  readonly agent: string;
  /** Hosts (with port) of the registry's token service, where the user knows them. */
  readonly tokenServices?: readonly string[] | undefined;
  /** Told of each secret before it is used, so that a log can take it out. */
  readonly onSecret?: ((secret: string) => void) | undefined;
}

/** Who we are to one registry: credentials asked for once, tokens kept per scope until they expire. */
export class Authorizer {
  readonly #parts: AuthorizerParts;
  readonly #secrets = createRedactor();
  readonly #tokens = new Map<string, { readonly header: string; readonly until: number }>();
  readonly #asking = new Map<string, Promise<string>>();
  #credential: Promise<Credential | undefined> | undefined;
  #challenge: Challenge | undefined;

  constructor(parts: AuthorizerParts) {
    this.#parts = parts;
  }

  /** Text that the registry wrote, without the secrets that it was sent and may repeat. */
  hide(text: string): string {
    return this.#secrets.redact(text);
  }

  /** The Authorization header, as far as the registry has said what it wants. */
  async header(scopes: readonly string[]): Promise<string | undefined> {
    if (!this.#challenge) return undefined;
    return this.#answer(this.#challenge, scopes);
  }

  /**
   * Learn from a 401. @param used the header that was refused
   * @returns whether trying again makes sense
   */
  async learn(line: string | undefined, used: string | undefined, scopes: readonly string[]): Promise<boolean> {
    const challenges = parseChallenges(line ?? '');
    const challenge =
      challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.realm !== undefined) ??
      challenges.find(({ scheme }) => scheme === 'basic');
    if (!challenge) return false;
    const key = scopes.join(' ');
    // Another request may have fetched a new token while this one was refused: then use that.
    if (this.#tokens.get(key)?.header === used) this.#tokens.delete(key);
    const first = !this.#challenge || used === undefined;
    this.#challenge = challenge;
    if (first) return true;
    const before = await this.#who();
    if (challenge.scheme === 'bearer' && before?.kind !== 'registry-token') return true;
    // Another request may have renewed it since this one was sent, and the source has nothing newer than that.
    if (used !== (await this.header(scopes))) return true;
    // What was sent as it is has run out: a helper may have a newer one (ECR's and GAR's live for hours).
    return this.#renew(before);
  }

  async #answer(challenge: Challenge, scopes: readonly string[]): Promise<string | undefined> {
    const credential = await this.#who();
    if (credential?.kind === 'registry-token') return bearerHeader(credential.token, this.#parts.registry);
    if (challenge.scheme === 'basic') return credential ? this.#noted(basicHeader(credential)) : undefined;
    const key = scopes.join(' ');
    const kept = this.#tokens.get(key);
    if (kept && kept.until > this.#parts.timing.now()) return kept.header;
    const known = this.#asking.get(key);
    if (known) return known;
    // Asked for by many uploads at once, so no single one's signal may end it.
    const asking = this.#ask(challenge, scopes, key).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  #who(): Promise<Credential | undefined> {
    this.#credential ??= this.#fromSource();
    return this.#credential;
  }

  async #fromSource(): Promise<Credential | undefined> {
    const credential = await this.#parts.source?.(this.#parts.registry);
    if (credential) this.#note(credential.kind === 'password' ? credential.password : credential.token);
    return credential;
  }

  /** @returns whether the source gives another credential than before */
  async #renew(before: Credential | undefined): Promise<boolean> {
    const now = await this.#fromSource();
    if (now === undefined || same(now, before)) return false;
    this.#credential = Promise.resolve(now);
    return true;
  }

  async #ask(challenge: Challenge, scopes: readonly string[], key: string): Promise<string> {
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
    const before = await this.#who();
    const granted = await requestToken(connections, { ...wanted, credential: before }).catch(async (error: unknown) => {
      // An access token that stands in for a password (GAR's, for an hour) has run out: a helper gives the next one.
      if (!before || !hasCode(error, 'unauthorized') || !(await this.#renew(before))) throw error;
      return requestToken(connections, { ...wanted, credential: await this.#who() });
    });
    this.#note(granted.token);
    const header = bearerHeader(granted.token, checked.host);
    // A tenth early, so that it does not expire on its way.
    this.#tokens.set(key, { header, until: timing.now() + granted.seconds * 900 });
    return header;
  }

  #note(secret: string): void {
    this.#secrets.add(secret);
    this.#parts.onSecret?.(secret);
  }

  #noted(header: string): string {
    this.#secrets.add(header.slice(header.indexOf(' ') + 1));
    return header;
  }
}

function same(a: Credential, b: Credential | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
