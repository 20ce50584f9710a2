import { badInput } from '../error.ts';
import { type Digest, isDigest } from '../image/digest.ts';

/** A repository in a registry. */
export type Repository = Pick<Reference, 'registry' | 'repository'>;

/** A repository in a registry, and at most one of its tags and one of its digests. */
export interface Reference {
  /** Host and optional port, lower case: `ghcr.io`, `127.0.0.1:5000`. Docker Hub is always `docker.io`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
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
 * Parse `registry/repository[:tag][@digest]`. A first part without dot, port or `localhost` belongs to a Docker Hub
 * name, as for every client. Upper case in a repository is an error: use `parseImage` for user input.
 * @throws TidegateError `bad-input`
 */
export function parseReference(text: string, input = 'image'): Reference {
  const { name, tag, digest } = split(text.trim());
  const slash = name.indexOf('/');
  const head = slash < 0 ? '' : name.slice(0, slash);
  const named = head === 'localhost' || /[.:]/.test(head);
  const host = named ? head.toLowerCase() : 'docker.io';
  const registry = HUB.has(host) ? 'docker.io' : host;
  let repository = named ? name.slice(slash + 1) : name;
  if (registry === 'docker.io' && !repository.includes('/')) repository = `library/${repository}`;
  if (
    !isRegistry(registry) ||
    repository.length > 255 ||
    !REPOSITORY.test(repository) ||
    (tag !== undefined && !isTag(tag)) ||
    (digest !== undefined && !isDigest(digest))
  ) {
    throw badInput(
      'image-name-invalid',
      input,
      withoutUser(text),
      `registry/repository, optionally with :tag or @sha256:digest${partProblem(repository)}`,
      'Write for example ghcr.io/acme/app. Repositories are lower case.',
    );
  }
  return { registry, repository, tag: tag || undefined, digest: digest || undefined };
}

/** An image as a user names it. */
export interface ParsedImage {
  readonly reference: Reference;
  /** One sentence for the log, if the name was changed. May contain the given text. */
  readonly notice?: string;
}

/**
 * Same as `parseReference`, for an input that often comes from `${{ github.repository }}`: an upper-case repository is
 * lower-cased, because registries reject it (distribution-spec) and GitHub's expressions have no lower(). Tag and
 * digest stay unchanged.
 * @throws TidegateError `bad-input`
 */
export function parseImage(text: string, input = 'image'): ParsedImage {
  const given = text.trim();
  const { name } = split(given);
  const lower = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const reference = parseReference(`${lower}${given.slice(name.length)}`, input);
  // DNS ignores the case of a host, so changing it needs no notice.
  const repository = name.slice(name.indexOf('/') + 1);
  if (!/[A-Z]/.test(repository)) return { reference };
  return {
    reference,
    notice: `Input ${input}: ${given} is used as ${formatReference(reference)}, because registries accept lower case only.`,
  };
}

/** Splits `name[:tag][@digest]` without validation. */
function split(text: string): {
  readonly name: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
} {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(':');
  const tagged = colon > rest.lastIndexOf('/');
  return {
    name: tagged ? rest.slice(0, colon) : rest,
    tag: tagged ? rest.slice(colon + 1) : undefined,
    digest,
  };
}

function isRegistry(registry: string): boolean {
  const port = Number(/:([0-9]+)$/.exec(registry)?.[1] ?? 1);
  return REGISTRY.test(registry) && isPlainHost(registry) && port >= 1 && port <= 65535;
}

/** GitHub allows repository names such as `.github` or `app-`, which registries reject: the error names that part. */
function partProblem(repository: string): string {
  if (repository.length > 255) return '';
  const part = repository.split('/').find((one) => /^[A-Za-z0-9._-]+$/.test(one) && !REPOSITORY.test(one));
  return part === undefined || /[A-Z]/.test(part)
    ? ''
    : `; in the part ${JSON.stringify(part)}, single dots, one or two underscores, or dashes may appear only between letters and digits`;
}

/** Text before an @ without a digest may be a password, which an error would print. */
function withoutUser(text: string): string {
  const at = text.lastIndexOf('@');
  return at < 0 || /^@sha256:/i.test(text.slice(at)) ? text : `***${text.slice(at)}`;
}

/** Whether a URL connects to exactly this host name: it reads `2130706433` and `0x7f.1` as 127.0.0.1. */
function isPlainHost(registry: string): boolean {
  const url = `https://${registry}`;
  return URL.canParse(url) && new URL(url).hostname === registry.replace(/:[0-9]+$/, '');
}

export function formatReference(reference: Reference): string {
  const tag = reference.tag ? `:${reference.tag}` : '';
  const digest = reference.digest ? `@${reference.digest}` : '';
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** Only `registry/repository`, of a reference or a registry client. */
export function formatRepository({ registry, repository }: Repository): string {
  return formatReference({ registry, repository });
}
