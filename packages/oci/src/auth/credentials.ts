export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, exchanged at the registry's token service. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A bearer token that is sent as it is. */
  | { readonly kind: 'registry-token'; readonly token: string };

/** @param registry as in a reference: `ghcr.io`, `127.0.0.1:5000`, `docker.io` */
export type CredentialSource = (registry: string) => Promise<Credential | undefined>;

/** The names one registry goes by in docker's config. Everything else must match exactly, port included. */
const HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

export function staticCredentials(registry: string, username: string, password: string): CredentialSource {
  const wanted = canonicalHost(registry);
  return async (asked) => (canonicalHost(asked) === wanted ? { kind: 'password', username, password } : undefined);
}

/** The first source that knows the registry. */
export function firstOf(...sources: readonly CredentialSource[]): CredentialSource {
  return async (registry) => {
    for (const source of sources) {
      const found = await source(registry);
      if (found) return found;
    }
    return undefined;
  };
}

export function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  return HUB.has(lower) ? 'docker.io' : lower;
}
