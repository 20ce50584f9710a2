import { type Digest, isDigest } from './digest.ts';
import { badInput } from './error.ts';

/** A repository in a registry. */
export type Repository = Pick<Reference, 'registry' | 'repository'>;

/** A repository in a registry, and at most one of its tags and one of its digests. */
export interface Reference {
  /** Host and optional port, lower case: `ghcr.io`, `127.0.0.1:5000`. Docker Hub is always `docker.io`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** distribution-spec, "Pulling manifests": the grammar of names and tags. */
const REPOSITORY = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const REGISTRY =
  /^(localhost|[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?$/;
const HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/**
 * Parse `registry/repository[:tag][@digest]`. A first part without dot, port or `localhost` is a Docker Hub
 * name, as every client reads it. Nothing is lower-cased silently: an upper-case repository is an error.
 */
export function parseReference(text: string, input = 'image'): Reference {
  const fail = (): never => {
    throw badInput(
      input,
      withoutUser(text),
      'a reference registry/repository, with :tag or @sha256:digest where wanted',
      'Write for example ghcr.io/acme/app. Repositories are lower case.',
    );
  };
  let rest = text.trim();
  let digest: Digest | undefined;
  const at = rest.indexOf('@');
  if (at >= 0) {
    const candidate = rest.slice(at + 1);
    if (!isDigest(candidate)) return fail();
    digest = candidate;
    rest = rest.slice(0, at);
  }
  let tag: string | undefined;
  const colon = rest.lastIndexOf(':');
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
    if (!isTag(tag)) return fail();
  }
  const slash = rest.indexOf('/');
  const head = slash < 0 ? '' : rest.slice(0, slash);
  const named = head === 'localhost' || /[.:]/.test(head);
  const host = named ? head.toLowerCase() : 'docker.io';
  const registry = HUB.has(host) ? 'docker.io' : host;
  let repository = named ? rest.slice(slash + 1) : rest;
  if (registry === 'docker.io' && !repository.includes('/')) repository = `library/${repository}`;
  const port = Number(/:([0-9]+)$/.exec(registry)?.[1] ?? 1);
  if (
    !REGISTRY.test(registry) ||
    !isPlainHost(registry) ||
    port < 1 ||
    port > 65535 ||
    !REPOSITORY.test(repository) ||
    repository.length > 255
  )
    return fail();
  return { registry, repository, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

/** What stands before an @ that begins no digest may be a password: an error would print it. */
function withoutUser(text: string): string {
  const at = text.lastIndexOf('@');
  return at < 0 || /^@sha256:/i.test(text.slice(at)) ? text : `***${text.slice(at)}`;
}

/** Whether a URL with this host goes to this very name: `2130706433` and `0x7f.1` are both 127.0.0.1 to it. */
function isPlainHost(registry: string): boolean {
  const url = `https://${registry}`;
  return URL.canParse(url) && new URL(url).hostname === registry.replace(/:[0-9]+$/, '');
}

export function formatReference(reference: Reference): string {
  const tag = reference.tag ? `:${reference.tag}` : '';
  const digest = reference.digest ? `@${reference.digest}` : '';
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}
