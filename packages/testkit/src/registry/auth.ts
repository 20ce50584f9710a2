import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type RegistryAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** Tokens from the registry's own `/token`; without a login they may pull if `anonymousPull` is set. */
  | {
      readonly kind: 'token';
      readonly username: string;
      readonly password: string;
      readonly anonymousPull?: boolean;
      /** `/token` also accepts it as a refresh token. */
      readonly identityToken?: string;
      /** Seconds (default 300), by the clock of the registry. */
      readonly lifetime?: number;
    };

export interface Grant {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Access control: HTTP Basic, or distribution's token.md. */
export class RegistryDoor {
  readonly #auth: RegistryAuth | undefined;
  readonly #url: () => string;
  readonly #now: () => number;
  readonly #tokens = new Map<string, { readonly scopes: ReadonlySet<string>; readonly until: number }>();

  constructor(auth: RegistryAuth | undefined, url: () => string, now: () => number) {
    this.#auth = auth;
    this.#url = url;
    this.#now = now;
  }

  /** @returns undefined if the request is allowed, otherwise the 401 to send */
  refuse(request: IncomingMessage, repository: string | undefined, action: 'pull' | 'push'): Grant | undefined {
    const auth = this.#auth;
    if (!auth) return undefined;
    const line = request.headers.authorization ?? '';
    if (auth.kind === 'basic') {
      if (this.#isLogin(line)) return undefined;
      return { status: 401, headers: { 'www-authenticate': 'Basic realm="testkit"' } };
    }
    const token = this.#tokens.get(line.replace(/^Bearer /, ''));
    const scope = repository === undefined ? undefined : `repository:${repository}:${action}`;
    if (token && token.until > this.#now() && (scope === undefined || token.scopes.has(scope))) return undefined;
    const wanted =
      repository === undefined ? '' : `,scope="repository:${repository}:${action === 'push' ? 'pull,push' : 'pull'}"`;
    const challenge = `Bearer realm="${this.#url()}/token",service="testkit"${wanted}`;
    return { status: 401, headers: { 'www-authenticate': challenge } };
  }

  /** The token of this request expires now. */
  forget(request: IncomingMessage): void {
    this.#tokens.delete((request.headers.authorization ?? '').replace(/^Bearer /, ''));
  }

  /** Whether the same request may also read `repository`, which a mount needs. */
  mayPull(request: IncomingMessage, repository: string): boolean {
    return this.refuse(request, repository, 'pull') === undefined;
  }

  /** The token service. @returns undefined for a refusal */
  issue(line: string, scopes: readonly string[], refreshToken: string | undefined): string | undefined {
    const auth = this.#auth;
    if (auth?.kind !== 'token') return undefined;
    const known =
      this.#isLogin(line) ||
      (refreshToken !== undefined && same(refreshToken, auth.identityToken ?? randomBytes(9).toString('hex')));
    if (!known && (line !== '' || refreshToken !== undefined || !auth.anonymousPull)) return undefined;
    const granted = new Set<string>();
    for (const scope of scopes.flatMap((text) => text.split(' '))) {
      const [, repository, actions] = /^repository:(.+):([a-z,*]+)$/.exec(scope) ?? [];
      for (const action of actions?.split(',') ?? []) {
        if (known || action === 'pull') granted.add(`repository:${repository}:${action}`);
      }
    }
    const token = randomBytes(18).toString('base64url');
    this.#tokens.set(token, { scopes: granted, until: this.#now() + (auth.lifetime ?? 300) * 1000 });
    return token;
  }

  get lifetime(): number {
    return this.#auth?.kind === 'token' ? (this.#auth.lifetime ?? 300) : 300;
  }

  #isLogin(line: string): boolean {
    if (!this.#auth) return false;
    const { username, password } = this.#auth;
    return same(line, `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
