import { nearest, parseReference, registryAdvice } from '@tidegate/core';
import type { Cause, Facts, Known } from './facts.ts';
import { networkError } from './network-errors.ts';

/** The hint for an image with the name of a stage. */
const SUGGESTION = / \(did you mean ([^ ()]+)\?\)$/;

/** In one line: registries add their own text below BuildKit's. */
const headOf = ({ reason }: Facts) => reason.replace(/\s+/g, ' ').replace(SUGGESTION, '');

/** The status in errors of containerd: `401 Unauthorized`, `429 Too Many Requests`. */
function statusOf(text: string): number | undefined {
  if (/toomanyrequests|too many requests/i.test(text)) return 429;
  if (/insufficient_scope|pull access denied|authorization failed|invalid_token|no basic auth/i.test(text)) return 401;
  const [, status] = /(?:^|[^\d])(4\d\d|5\d\d) [A-Z][A-Za-z]/.exec(text) ?? [];
  if (status !== undefined) return Number(status);
  return /failed to authorize|failed to fetch (?:anonymous|oauth) token/.test(text) ? 401 : undefined;
}

/** `docker.io/library/node:22` → `node:22`, as people write it. */
const short = (image: string) => image.replace(/^docker\.io\/(?:library\/)?/, '');

function refusal(image: string, status: number, text: string): { readonly next: string } {
  const { registry, repository } = parsed(image);
  return { next: registryAdvice({ registry, repository, operation: 'pull', status, text }) };
}

function parsed(image: string): { readonly registry: string; readonly repository: string | undefined } {
  try {
    return parseReference(image);
  } catch {
    return { registry: image.split('/', 1)[0] ?? image, repository: undefined };
  }
}

/** A stage with a similar name, for a name without a registry: `COPY --from=biulder`. */
function stageLike({ dockerfile, reason }: Facts, image: string): string | undefined {
  const names = dockerfile?.stages.flatMap((stage) => stage.name ?? []) ?? [];
  // Only a stage of this Dockerfile: a registry's own text may end with the same words.
  const suggested = SUGGESTION.exec(reason)?.[1];
  if (suggested !== undefined && names.includes(suggested)) return suggested;
  const name = short(image).replace(/:latest$/, '');
  if (/[/:.@]/.test(name)) return undefined;
  return nearest(name, names);
}

/** The image of FROM or COPY --from, or the frontend of `# syntax=`. */
export const imageFailed: Cause = (facts) => {
  const { image, step } = facts;
  if (image === undefined) return undefined;
  const text = headOf(facts);
  const isFrontend = step?.name.startsWith('resolve image config') === true;
  const what = isFrontend ? `the frontend ${short(image)} of \`# syntax=\`` : `the image ${short(image)}`;
  const like = stageLike(facts, image);
  const stage = like ? { next: `Write ${like} if you meant that stage.` } : undefined;
  return (
    noPlatform(text, what) ??
    refused(text, image, what, stage) ??
    missing(text, image, what, stage) ??
    unreachable(text, image, what, stage)
  );
};

function noPlatform(text: string, what: string): Known | undefined {
  const [, platform] = /no matching manifest for ([\w./]+)/.exec(text) ?? [];
  if (platform === undefined && !text.includes('no match for platform in manifest')) return undefined;
  return {
    id: 'base-not-found',
    message: `${what} has no variant for ${platform ?? 'this platform'}.`,
    next: 'Use an image that supports the platform, or remove the platform from the input platforms.',
  };
}

function refused(text: string, image: string, what: string, stage: { next: string } | undefined): Known | undefined {
  const status = statusOf(text);
  const { registry } = parsed(image);
  if (status === 429) {
    return {
      id: 'base-rejected',
      message: `${registry} limits pulls, and rejected that of ${what} (429).`,
      ...refusal(image, 429, text),
    };
  }
  if (status === 401 || status === 403) {
    const message = `${registry} denied access to ${what} (${status}): it needs a login, or does not exist.`;
    return { id: 'base-denied', message, ...(stage ?? refusal(image, status, text)) };
  }
  if (status === undefined || status < 500) return undefined;
  return {
    id: 'base-rejected',
    message: `${registry} failed with ${status} when it was asked for ${what}.`,
    ...refusal(image, status, text),
  };
}

function missing(text: string, image: string, what: string, stage: { next: string } | undefined): Known | undefined {
  if (!/: not found$|manifest unknown|name unknown|repository does not exist/i.test(text)) return undefined;
  return {
    id: 'base-not-found',
    message: `${what} does not exist in ${parsed(image).registry}.`,
    next: stage?.next ?? 'Check its name and tag, for example with `docker buildx imagetools inspect`.',
  };
}

function unreachable(
  text: string,
  image: string,
  what: string,
  stage: { next: string } | undefined,
): Known | undefined {
  const why = networkError(text);
  if (why === undefined) return undefined;
  const { registry } = parsed(image);
  return {
    id: 'base-unreachable',
    message: `${registry} cannot be reached for ${what} (${why}).`,
    next: stage?.next ?? `Check that the builder can reach ${registry}, its certificate and any proxy.`,
  };
}
