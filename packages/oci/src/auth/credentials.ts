export type Credential = {
  /** Request another one from this time on, in milliseconds since the epoch. */
  readonly until?: number | undefined;
} & (
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, exchanged at the registry's token service. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A bearer token that is sent as is. */
  | { readonly kind: 'registry-token'; readonly token: string }
);

/** @param registry as in a reference: `ghcr.io`, `127.0.0.1:5000`, `docker.io` */
export type CredentialSource = (registry: string) => Promise<Credential | undefined>;

/** The names of Docker Hub in docker's config. All other hosts must match exactly, including the port. */
const HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

export function staticCredentials(registry: string, username: string, password: string): CredentialSource {
  const wanted = canonicalHost(registry);
  return async (host) => (canonicalHost(host) === wanted ? { kind: 'password', username, password } : undefined);
}

/** Credentials from the first source that has some for the registry. */
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
