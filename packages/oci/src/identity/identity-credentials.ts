import { type Credential, type CredentialSource, canonicalHost } from '../auth/credentials.ts';
import type { IdentityServices } from './exchange.ts';
import type { IdentityScope, RegistryIdentity } from './identity.ts';

/** The part of its lifetime after which a new credential is requested, so that none expires in transit. */
const USABLE = 0.9;

/**
 * Short-lived credentials for the job's own identity, requested when a request to the registry first needs them, and
 * again before they expire.
 */
export function identityCredentials(
  identity: RegistryIdentity,
  scope: IdentityScope,
  services: IdentityServices,
): CredentialSource {
  let kept: Promise<Credential & { readonly until: number }> | undefined;
  const issue = async () => {
    // Few jobs log in this way, and those that do need it late.
    const [{ IdentityExchange }, { requestCredentials }] = await Promise.all([
      import('./exchange.ts'),
      import('./request-credentials.ts'),
    ]);
    const exchange = new IdentityExchange(identity.registry, services);
    try {
      const started = services.timing.now();
      const { credential, seconds } = await requestCredentials(identity, scope, exchange);
      return { ...credential, until: started + seconds * 1000 * USABLE };
    } finally {
      exchange.close();
    }
  };
  return async (registry) => {
    if (canonicalHost(registry) !== identity.registry) return undefined;
    const current = kept;
    const known = await current?.catch(() => undefined);
    if (known && services.timing.now() < known.until) return known;
    // Another caller may have started while this one waited. A rejection is final: it would be the same again.
    if (kept === current && (known || !current)) kept = issue();
    return kept;
  };
}
