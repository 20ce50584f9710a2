import type { RecordedRequest } from '@tidegate/testkit';
import type { SignedLayout } from './signed-layout.ts';

/** The step of a push that a request belongs to: its method and its target. */
export function stepOf({ method, url }: Pick<RecordedRequest, 'method' | 'url'>, layout: SignedLayout): string {
  if (url.startsWith('/token')) return 'a token';
  const [, kind = '', rest = ''] = /\/(blobs\/uploads|blobs|manifests|referrers|tags)\/(.*)$/.exec(url) ?? [];
  if (kind === 'blobs/uploads') return `${method} upload`;
  if (kind === 'manifests') return `${method} ${nameOf(rest, layout)}`;
  return `${method} ${kind}`;
}

function nameOf(reference: string, layout: SignedLayout): string {
  if (!reference.includes(':')) return reference.startsWith('sha256-') ? 'fallback tag' : 'tag';
  if (reference === layout.root) return 'index';
  return layout.referrers.has(reference as typeof layout.root) ? 'platform' : 'referrer';
}
