import type { Digest } from '../image/digest.ts';
import { parseReference } from '../reference/reference.ts';
import { type BaseLine, type BuildStep, originsOf, sameImage } from './origin.ts';

/** The base image of the last stage, for `org.opencontainers.image.base.*`. */
export interface BaseImage {
  /** Full name with registry and tag: `docker.io/library/debian:12`; with the digest if the reference had only that. */
  readonly name: string;
  /** The digest that the name pointed to during the build: the index of a multi-platform image. */
  readonly digest?: Digest | undefined;
}

/**
 * OCI image-spec, annotations.md: the image whose layers this one begins with. BuildKit reports the step that took
 * them, with the digest. If BuildKit repacked them (rewrite-timestamp), or the base has no layers, the FROM line is
 * used.
 * @returns undefined for an image from scratch, and for a base that cannot be pulled (a context of local files)
 */
export function baseImageOf(
  layers: readonly Digest[],
  steps: readonly BuildStep[],
  dockerfile: string,
  bases: readonly BaseLine[],
): BaseImage | undefined {
  const [lowest] = originsOf(layers, steps, dockerfile, bases);
  const taken = steps.flatMap(({ image }) => (image ? [image] : []));
  const base =
    lowest?.kind === 'base'
      ? taken.find(({ name, digest }) => name === lowest.image && digest === lowest.digest)
      : taken.find(({ name }) => bases.some(({ image }) => sameImage(image, name)));
  return base && !base.local ? named(base.name, base.digest) : undefined;
}

function named(text: string, digest: Digest | undefined): BaseImage | undefined {
  try {
    const { registry, repository, tag } = parseReference(text);
    const name = `${registry}/${repository}`;
    if (tag !== undefined) return { name: `${name}:${tag}`, digest: digest || undefined };
    return digest ? { name: `${name}@${digest}`, digest } : { name: `${name}:latest` };
  } catch {
    return undefined;
  }
}
