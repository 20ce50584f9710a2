import { isIP } from 'node:net';
import { TidegateError } from '@tidegate/core';
import type { Credential, CredentialSource } from './credentials.ts';
import { type Connections, discard } from './http.ts';
import { type Timing, Transient } from './retry.ts';
import { readAll } from './verified.ts';

export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** RFC 9110, 11.6.1: challenges, each with parameters, in one comma-separated line. */
export function parseChallenges(line: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = line.slice(0, 8192);
  for (;;) {
    const parameter = /^[\s,]*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/.exec(rest);
    const current = challenges.at(-1);
    if (parameter && current) {
      const [all, name = '', quoted, plain] = parameter;
      current.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
      rest = rest.slice(all.length);
      continue;
    }
    const scheme = /^[\s,]*([A-Za-z][A-Za-z0-9_-]*)(?=\s|,|$)/.exec(rest);
    if (!scheme) return challenges;
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: {} });
    rest = rest.slice(scheme[0].length);
  }
}

export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** Addresses that mean something only on the machine that asks: a registry elsewhere has no business naming them. */
export function isLocalAddress(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (isLoopback(name) || name.endsWith('.localhost')) return true;
  if (isIP(name) === 4) return /^(0|169\.254)\./.test(name);
  return isIP(name) === 6 && /^(::$|::ffff:|fe[89ab])/.test(name);
}

/**
 * Where a registry sends us for a token, we send the password. So: https, no user part, and not this machine's own
 * addresses, unless the registry itself is there.
 */
export function checkRealm(realm: string, registry: URL): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  const why = !url
    ? 'it is not a URL'
    : url.username !== '' || url.password !== ''
      ? 'it carries a user part'
      : url.protocol === 'http:' && registry.protocol === 'https:'
        ? 'it is plain http'
        : url.protocol === 'http:' && !isLoopback(url.hostname) && url.host !== registry.host
          ? 'it is plain http to another host'
          : url.protocol !== 'https:' && url.protocol !== 'http:'
            ? 'it is neither http nor https'
            : isLocalAddress(url.hostname) && !isLocalAddress(registry.hostname)
              ? 'it points at this machine'
              : undefined;
  if (url && why === undefined) return url;
  throw new TidegateError(
    'unauthorized',
    `${registry.host} names the token service ${JSON.stringify(realm.slice(0, 200))}, and that is refused: ${why}.`,
    { next: 'Check the name of the registry. No credentials were sent.' },
  );
}

/** Who we are to one registry: credentials asked for once, tokens kept per scope until they expire. */
export class Authorizer {
  readonly #registry: string;
  readonly #url: URL;
  readonly #source: CredentialSource | undefined;
  readonly #connections: Connections;
  readonly #timing: Timing;
  readonly #agent: string;
  readonly #tokens = new Map<string, { readonly header: string; readonly until: number }>();
  readonly #asking = new Map<string, Promise<string>>();
  #credential: Promise<Credential | undefined> | undefined;
  #challenge: Challenge | undefined;

  constructor(parts: {
    readonly registry: string;
    readonly url: URL;
    readonly source: CredentialSource | undefined;
    readonly connections: Connections;
    readonly timing: Timing;
    readonly agent: string;
  }) {
    this.#registry = parts.registry;
    this.#url = parts.url;
    this.#source = parts.source;
    this.#connections = parts.connections;
    this.#timing = parts.timing;
    this.#agent = parts.agent;
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
    const kept = this.#tokens.get(key);
    // Another request may have fetched a new token while this one was refused: then use that.
    if (kept && kept.header === used) this.#tokens.delete(key);
    const first = !this.#challenge || used === undefined;
    this.#challenge = challenge;
    return first || (challenge.scheme === 'bearer' && (await this.#who())?.kind !== 'registry-token');
  }

  async #answer(challenge: Challenge, scopes: readonly string[]): Promise<string | undefined> {
    const credential = await this.#who();
    if (credential?.kind === 'registry-token') return `Bearer ${token(credential.token, this.#registry)}`;
    if (challenge.scheme === 'basic') return credential?.kind === 'password' ? basic(credential) : undefined;
    const key = scopes.join(' ');
    const kept = this.#tokens.get(key);
    if (kept && kept.until > this.#timing.now()) return kept.header;
    const known = this.#asking.get(key);
    if (known) return known;
    // Asked for by many uploads at once, so no single one's signal may end it.
    const asking = this.#ask(challenge, scopes, credential, key).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  #who(): Promise<Credential | undefined> {
    this.#credential ??= this.#source?.(this.#registry) ?? Promise.resolve(undefined);
    return this.#credential;
  }

  /** distribution's token.md (GET) and oauth.md (POST with a refresh token). */
  async #ask(
    challenge: Challenge,
    scopes: readonly string[],
    credential: Credential | undefined,
    key: string,
  ): Promise<string> {
    const realm = checkRealm(challenge.parameters.realm ?? '', this.#url);
    const form = new URLSearchParams();
    const service = challenge.parameters.service;
    if (service !== undefined) form.set('service', service);
    const wanted = new Set([...scopes, ...(challenge.parameters.scope?.split(' ') ?? [])].filter(Boolean));
    const headers: Record<string, string> = { 'user-agent': this.#agent, accept: 'application/json' };
    let body: Buffer | undefined;
    if (credential?.kind === 'identity-token') {
      form.set('grant_type', 'refresh_token');
      form.set('client_id', 'tidegate');
      form.set('refresh_token', credential.token);
      form.set('scope', [...wanted].join(' '));
      headers['content-type'] = 'application/x-www-form-urlencoded';
      body = Buffer.from(form.toString());
    } else {
      for (const scope of wanted) form.append('scope', scope);
      for (const [name, value] of form) realm.searchParams.append(name, value);
      if (credential) headers.authorization = basic(credential);
    }
    const method = body ? 'POST' : 'GET';
    const answer = await this.#connections.send({ method, url: realm, headers, body });
    const status = answer.statusCode ?? 0;
    if (status !== 200) {
      await discard(answer);
      throw tokenRefused(this.#registry, realm, status, credential !== undefined);
    }
    const granted = parseGrant(await readAll(answer, 1024 * 1024, `token service ${realm.host}`), realm);
    const value = `Bearer ${token(granted.token, realm.host)}`;
    // A tenth early, so that it does not expire on its way.
    this.#tokens.set(key, { header: value, until: this.#timing.now() + granted.seconds * 900 });
    return value;
  }
}

function parseGrant(bytes: Buffer, realm: URL): { readonly token: string; readonly seconds: number } {
  let answer: unknown;
  try {
    answer = JSON.parse(bytes.toString('utf8'));
  } catch {
    answer = undefined; // The parser's complaint would quote what may be a token.
  }
  const fields = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  const found = fields.token ?? fields.access_token;
  if (typeof found !== 'string' || found === '') {
    throw new TidegateError('unauthorized', `The token service ${realm.host} gave no token.`, {
      next: 'Check the name of the registry, and whether its service is up.',
    });
  }
  const expires = fields.expires_in;
  return { token: found, seconds: typeof expires === 'number' && expires > 0 ? expires : 60 };
}

/** A line break in a token would write headers of its own. */
function token(text: string, from: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new TidegateError('unauthorized', `The token from ${from} has characters that no token has.`, {
    next: 'Check where it comes from.',
  });
}

function basic(credential: Credential): string {
  if (credential.kind !== 'password') {
    throw new TidegateError(
      'unauthorized',
      'The registry wants a user name and a password, and there is only a token.',
      {
        next: 'Log in with user name and password.',
      },
    );
  }
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
}

function tokenRefused(registry: string, realm: URL, status: number, known: boolean): Error {
  const where = `The token service ${realm.host} of ${registry}`;
  const next = `Log in to ${registry} with credentials that may do this.`;
  if (status === 429 || status >= 500) {
    const failure = new TidegateError('registry', `${where} answered ${status}.`, { next: 'Try again later.' });
    return new Transient(failure);
  }
  if (status >= 300 && status < 400) {
    const why = `${where} answered ${status}: redirects are not followed with credentials.`;
    return new TidegateError('unauthorized', why, { next: 'Check the name of the registry.' });
  }
  const who = known ? 'these credentials' : 'us without credentials';
  return new TidegateError('unauthorized', `${where} refused ${who}: it answered ${status}.`, { next });
}
