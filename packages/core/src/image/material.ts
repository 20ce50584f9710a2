import type { Material } from '../evidence.ts';
import { type PackageUrl, readPurl } from '../purl/purl.ts';
import { parseReference, type Reference } from '../reference/reference.ts';
import { type Digest, isDigest } from './digest.ts';

export function isImageMaterial({ uri }: Material): boolean {
  return /^pkg:(docker|oci)\//.test(uri);
}

/**
 * The repository of an image that a build read. BuildKit writes `pkg:docker/NAME@TAG?…`, where NAME is copied from the
 * Dockerfile; `repository_url` is the oci type's.
 */
export function repositoryOfMaterial({ uri }: Material): Reference | undefined {
  const purl = readPurl(uri);
  if (!purl) return undefined;
  const url = purl.qualifiers.get('repository_url');
  try {
    return parseReference(
      url ? `${url.replace(/\/$/, '')}${url.endsWith(purl.path) ? '' : `/${purl.path}`}` : purl.path,
    );
  } catch {
    return undefined;
  }
}

/** An image that a build read under a tag, and its digest then. */
export interface TaggedImage {
  readonly reference: Reference & { readonly tag: string };
  readonly digest: Digest;
}

/**
 * The image of a material if it was named by a tag alone, so that it may have moved since.
 * @returns `pinned` for an image with a digest in the Dockerfile; undefined if the material cannot be read
 */
export function taggedImage(material: Material): TaggedImage | 'pinned' | undefined {
  const purl = readPurl(material.uri);
  return isPinned(purl) ? 'pinned' : imageAt(material, purl?.version ?? 'latest');
}

/**
 * The image of a material if it was named with a tag, also beside a digest: `FROM node:22@sha256:…`.
 * @returns undefined for an image without a tag, and if the material cannot be read
 */
export function namedImage(material: Material): (TaggedImage & { readonly isPinned: boolean }) | undefined {
  const purl = readPurl(material.uri);
  if (isDigest(purl?.version) || (isPinned(purl) && purl?.version === undefined)) return undefined;
  const image = imageAt(material, purl?.version ?? 'latest');
  return image && { ...image, isPinned: isPinned(purl) };
}

/** moby/buildkit, util/purl: a digest of the reference is a qualifier, or the version of a reference without a tag. */
function isPinned(purl: PackageUrl | undefined): boolean {
  return purl !== undefined && (purl.qualifiers.has('digest') || isDigest(purl.version));
}

function imageAt(material: Material, tag: string): TaggedImage | undefined {
  const repository = repositoryOfMaterial(material);
  const digest = `sha256:${material.sha256}`;
  return repository && isDigest(digest) ? { reference: { ...repository, tag }, digest } : undefined;
}
