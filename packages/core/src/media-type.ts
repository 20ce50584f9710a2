/** OCI image-spec, media-types.md, and Docker's equivalents that registries still serve. */
export const MediaType = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  /** An in-toto statement that nobody has signed yet: how evidence lies in a layout. */
  inToto: 'application/vnd.in-toto+json',
  /** A Sigstore bundle: how evidence lies in a registry. */
  bundle: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  /** What the scan reads. Kept in the layout, never published. */
  syft: 'application/vnd.syft+json',
  /** What was found in the image's layers. Kept in the layout, never published: it says where in an image to look. */
  contents: 'application/vnd.tidegate.contents.v1+json',
  /** Which instruction made which layer. Kept in the layout, never published. */
  origin: 'application/vnd.tidegate.origin.v1+json',
} as const;

export function isIndexType(mediaType: string): boolean {
  return mediaType === MediaType.index || mediaType === MediaType.dockerList;
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === MediaType.manifest || mediaType === MediaType.dockerManifest;
}
