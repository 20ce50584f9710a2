import { TidegateError } from '@tidegate/core';
import { isLocalAddress, isLoopback, isPrivateAddress } from '../http/addresses.ts';

/** Where the large registries keep their token services. Another place there would be somebody else's. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ['registry-1.docker.io', 'auth.docker.io'],
  ['ghcr.io', 'ghcr.io'],
  ['quay.io', 'quay.io'],
  ['public.ecr.aws', 'public.ecr.aws'],
  ['registry.gitlab.com', 'gitlab.com'],
  ['gcr.io', 'gcr.io'],
]);
/** Registries with a name for each customer: they give out tokens themselves. */
const OWN = /^([a-z0-9-]+\.azurecr\.io|[a-z0-9-]+\.pkg\.dev|[a-z0-9-]+\.gcr\.io)$/;

/**
 * Where a registry sends us for a token, we send the password. So: https, no user part, the known place for a known
 * registry, and no address inside a network (this machine's least of all) unless the registry itself is there.
 * A name is not looked up: whoever answers must show its certificate before anything is sent.
 * @param allowed hosts (with port) that the user knows to be this registry's; then no others are taken
 */
export function checkRealm(realm: string, registry: URL, allowed?: readonly string[]): URL {
  // Parsers differ on where the host of `https://a\\@b/` ends, and some drop line breaks.
  const plain = /^[\x21-\x5b\x5d-\x7e]+$/.test(realm);
  const url = plain && URL.canParse(realm) ? new URL(realm) : undefined;
  const why = url ? objection(url, registry, allowed) : 'it is not a URL';
  if (url && why === undefined) return url;
  const shown = url ? `${url.protocol}//${url.host}${url.pathname}` : realm;
  throw new TidegateError(
    'unauthorized',
    `${registry.host} names the token service ${JSON.stringify(shown.slice(0, 200))}, and that is refused: ${why}.`,
    {
      next: `Check the name of the registry, or say which token service is ${registry.host}'s. No credentials were sent.`,
    },
  );
}

function objection(url: URL, registry: URL, allowed: readonly string[] | undefined): string | undefined {
  if (url.username !== '' || url.password !== '') return 'it carries a user part';
  if (url.protocol === 'http:' && registry.protocol === 'https:') return 'it is plain http';
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && url.host !== registry.host) {
    return 'it is plain http to another host';
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'it is neither http nor https';
  if (allowed) return allowed.includes(url.host) ? undefined : `only ${allowed.join(', ')} may be it`;
  const known = KNOWN.get(registry.host) ?? (OWN.test(registry.host) ? registry.host : undefined);
  if (known !== undefined && url.host !== known) return `${registry.host} has its own at ${known}`;
  if (url.hostname === registry.hostname) return undefined;
  if (isLocalAddress(url.hostname) && !isLocalAddress(registry.hostname)) return 'it points at this machine';
  if (isPrivateAddress(url.hostname) && !isPrivateAddress(registry.hostname)) return 'it points into a private network';
  return undefined;
}
