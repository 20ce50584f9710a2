import type { RegistryClient } from './client.ts';
import { invalidResponse } from './error.ts';

/**
 * RFC 8288. Only accepted on the same registry, because the next page is requested with our token.
 * @param page the current page: the target may be relative to it
 */
export function nextPage(link: string | undefined, page: string | URL, client: RegistryClient): URL | undefined {
  const target = targetOfNext(link ?? '');
  if (target === undefined) return undefined;
  const base = typeof page === 'string' ? client.url(page) : page;
  const url = URL.canParse(target, base.href) ? new URL(target, base) : undefined;
  // Behind a TLS proxy it may be an http URL. Setting the protocol does not turn other schemes into https.
  if (url) url.protocol = client.parts.endpoint.url.protocol;
  if (url?.origin !== client.parts.endpoint.url.origin)
    throw invalidResponse(client.attempt('list'), 'the next page of the list is on another host');
  return url;
}

/** The target of `<TARGET>; rel="next"` (RFC 8288) in a comma-separated list; a target may contain commas itself. */
function targetOfNext(link: string): string | undefined {
  for (let open = link.indexOf('<'); open >= 0; open = link.indexOf('<', open)) {
    const close = link.indexOf('>', open);
    if (close < 0) return undefined;
    const comma = link.indexOf(',', close);
    const parameters = link.slice(close + 1, comma < 0 ? link.length : comma);
    if (close > open + 1 && parameters.trimStart().startsWith(';') && /rel="?next"?/.test(parameters)) {
      return link.slice(open + 1, close);
    }
    open = close;
  }
  return undefined;
}
