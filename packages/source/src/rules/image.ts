/** An image reference in a Dockerfile. It may contain variables, so it is not checked against the full grammar. */
export interface BaseReference {
  /** Without tag and digest, as written. */
  readonly name: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

const DIGEST = /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/;

export function baseReference(text: string): BaseReference {
  const at = text.indexOf('@');
  const before = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const slash = before.lastIndexOf('/');
  const colon = before.indexOf(':', slash + 1);
  return {
    name: colon < 0 ? before : before.slice(0, colon),
    tag: colon < 0 ? undefined : before.slice(colon + 1),
    digest,
  };
}

export function isPinned(reference: BaseReference): boolean {
  return DIGEST.test(reference.digest ?? '');
}

/** `docker.io/library/golang` is `golang`; other names keep their repository. */
export function shortName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^(?:index\.)?docker\.io\//, '')
    .replace(/^library\//, '');
}
