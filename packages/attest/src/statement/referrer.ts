import {
  canonicalJson,
  type Descriptor,
  type Digest,
  defined,
  digestOf,
  isDigest,
  MediaType,
  type ProgramEvidence,
} from '@tidegate/core';

/** The content of `application/vnd.oci.empty.v1+json` (image-spec, manifest.md, "Guidance for an empty descriptor"). */
const EMPTY = Buffer.from('{}');

/** A manifest that refers to a subject, and its blobs: everything that has to be pushed, blobs first. */
export interface Referrer {
  /** Includes artifactType and annotations, which the entry in a fallback-tag index requires. */
  readonly descriptor: Descriptor;
  readonly manifest: Uint8Array;
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[];
}

export interface ReferrerOptions {
  /** Value of `org.opencontainers.image.created`. If absent, the same evidence gives the same manifest in every run. */
  readonly created?: Date;
}

/** An unsigned statement, as stored in a layout. */
export function statementReferrer(
  subject: Descriptor,
  statement: Uint8Array,
  predicateType: string,
  options: ReferrerOptions = {},
): Referrer {
  return referrer(subject, MediaType.inToto, statement, { 'in-toto.io/predicate-type': predicateType }, options);
}

/** A bundle in the format that cosign 3 and GitHub find: cosign's `bundle-spec`, as read by `cosign verify`. */
export function bundleReferrer(
  subject: Descriptor,
  bundle: Uint8Array,
  predicateType: string,
  options: ReferrerOptions = {},
): Referrer {
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': predicateType,
  };
  return referrer(subject, MediaType.bundle, bundle, annotations, options);
}

/** The syft-json document, which the scan reads byte for byte. */
export function syftReferrer(
  subject: Descriptor,
  document: Uint8Array,
  program?: ProgramEvidence,
  options: ReferrerOptions = {},
): Referrer {
  const annotations = program
    ? defined({ [PROGRAM_DIGEST]: program.digest, [PROGRAM_RELEASE]: program.release || undefined })
    : {};
  return referrer(subject, MediaType.syft, document, annotations, options);
}

const PROGRAM_DIGEST = 'dev.tidegate.program.digest';
const PROGRAM_RELEASE = 'dev.tidegate.program.release';

/** The Syft program that created the document, as recorded by `syftReferrer`. */
export function syftProgram({ annotations = {} }: Descriptor): ProgramEvidence | undefined {
  const { [PROGRAM_DIGEST]: digest, [PROGRAM_RELEASE]: release } = annotations;
  return isDigest(digest) ? { name: 'syft', digest, release: release || undefined } : undefined;
}

/** A document of Tidegate that stays in the layout, like syft-json. */
export function localReferrer(subject: Descriptor, document: Uint8Array, artifactType: string): Referrer {
  return referrer(subject, artifactType, document, {}, {});
}

/** Image-spec, manifest.md, "Guidelines for Artifact Usage": one layer of the artifact's own type, an empty config. */
function referrer(
  subject: Descriptor,
  artifactType: string,
  content: Uint8Array,
  own: Readonly<Record<string, string>>,
  { created }: ReferrerOptions,
): Referrer {
  const annotations = defined({ ...own, 'org.opencontainers.image.created': created?.toISOString() });
  const annotated = Object.keys(annotations).length > 0 ? { annotations } : {};
  const config = describe(EMPTY, MediaType.empty);
  const layer = describe(content, artifactType);
  const manifest = canonicalJson({
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    artifactType,
    config,
    layers: [layer],
    // Only these three fields: annotations or a platform would change the manifest of the same evidence.
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    ...annotated,
  });
  return {
    descriptor: { ...describe(manifest, MediaType.manifest), artifactType, ...annotated },
    manifest,
    blobs: [
      { descriptor: config, bytes: EMPTY },
      { descriptor: layer, bytes: content },
    ],
  };
}

function describe(bytes: Uint8Array, mediaType: string): { mediaType: string; digest: Digest; size: number } {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}
