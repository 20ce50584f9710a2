import { quoted, TidegateError } from '@tidegate/core';
import { isLocalAddress, isLoopback, isPrivateAddress } from '../http/addresses.ts';

/** Token services of the large registries. Any other host would not be theirs. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ['registry-1.docker.io', 'auth.docker.io'],
  ['ghcr.io', 'ghcr.io'],
  ['quay.io', 'quay.io'],
  ['public.ecr.aws', 'public.ecr.aws'],
  ['registry.gitlab.com', 'gitlab.com'],
  ['gcr.io', 'gcr.io'],
]);
/** Registries with a host per customer: they issue tokens themselves. */
const OWN = /^([a-z0-9-]+\.azurecr\.io|[a-z0-9-]+\.pkg\.dev|[a-z0-9-]+\.gcr\.io)$/;

/**
 * Validate the token service that a registry names, because the password is sent there. Required: https, no user part,
 * the known host for a known registry, and no loopback or private address unless the registry itself has one. A name is
 * not resolved: the server must present its certificate before anything is sent.
 * @param allowed hosts (with port) that the user configured for this registry; no others are accepted then
 */
export function checkRealm(realm: string, registry: URL, allowed?: readonly string[]): URL {
  // Parsers differ on where the host of `https://a\\@b/` ends, and some drop line breaks.
  const plain = /^[\x21-\x5b\x5d-\x7e]+$/.test(realm);
  const url = plain && URL.canParse(realm) ? new URL(realm) : undefined;
  const why = url ? objection(url, registry, allowed) : 'it is not a URL';
  if (url && why === undefined) return url;
  const shown = url ? `${url.protocol}//${url.host}${url.pathname}` : realm;
  throw new TidegateError(
    'token-service-untrusted',
    `${registry.host} names the token service ${quoted(shown, 200)}, which is not trusted: ${why}.`,
    {
      next: `Check the registry's name, or configure the token service of ${registry.host}. No credentials were sent.`,
    },
  );
}

function objection(url: URL, registry: URL, allowed: readonly string[] | undefined): string | undefined {
  if (url.username !== '' || url.password !== '') return 'its URL contains a user name or password';
  if (url.protocol === 'http:' && registry.protocol === 'https:') return 'it uses plain HTTP';
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && url.host !== registry.host) {
    return 'it uses plain HTTP to another host';
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'its scheme is neither http nor https';
  if (allowed) return allowed.includes(url.host) ? undefined : `only ${allowed.join(', ')} is allowed`;
  const known = KNOWN.get(registry.host) ?? (OWN.test(registry.host) ? registry.host : undefined);
  if (known !== undefined && url.host !== known) return `the token service of ${registry.host} is ${known}`;
  if (url.hostname === registry.hostname) return undefined;
  if (isLocalAddress(url.hostname) && !isLocalAddress(registry.hostname)) return 'it points at this machine';
  if (isPrivateAddress(url.hostname) && !isPrivateAddress(registry.hostname)) return 'it points into a private network';
  return undefined;
}
