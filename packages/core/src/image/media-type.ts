import type { Descriptor } from './descriptor.ts';

/** OCI image-spec, media-types.md, and Docker's equivalents that registries still serve. */
export const MediaType = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  /** An unsigned in-toto statement: the form of evidence in a layout. */
  inToto: 'application/vnd.in-toto+json',
  /** A Sigstore bundle: the form of evidence in a registry. */
  bundle: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  /** The input of the scan. Kept in the layout, never published. */
  syft: 'application/vnd.syft+json',
  /**
   * Findings in the image's layers. Kept in the layout, never published, because it would help an attacker to find
   * them.
   */
  contents: 'application/vnd.tidegate.contents.v1+json',
  /** The instruction of each layer. Kept in the layout, never published. */
  origin: 'application/vnd.tidegate.origin.v1+json',
  /** Provenance of files that were exported with the image, for its signer. Kept in the layout, never published. */
  outputs: 'application/vnd.tidegate.outputs.v1+json',
} as const;

/**
 * OCI image-spec layer.md, "Non-Distributable Layers", and Docker's schema 2, "foreign" layers: they may not be
 * redistributed, so they are not uploaded and stay at their URLs. Without URLs they are available nowhere else.
 */
export function isNonDistributable({ mediaType, urls = [] }: Pick<Descriptor, 'mediaType' | 'urls'>): boolean {
  return urls.length > 0 && NON_DISTRIBUTABLE.test(mediaType);
}

const NON_DISTRIBUTABLE =
  /^application\/vnd\.(oci\.image\.layer\.nondistributable\.v1\.tar(\+(gzip|zstd))?|docker\.image\.rootfs\.foreign\.diff\.tar(\.(gzip|zstd))?)$/;

export function isIndexType(mediaType: string): boolean {
  return mediaType === MediaType.index || mediaType === MediaType.dockerList;
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === MediaType.manifest || mediaType === MediaType.dockerManifest;
}
