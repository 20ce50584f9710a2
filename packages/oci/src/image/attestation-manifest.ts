/**
 * SBOM and provenance as BuildKit stores them: a manifest for unknown/unknown in the index, which names its platform's
 * manifest and has in-toto statements as layers (moby/buildkit docs/attestations/attestation-storage.md). Docker's tools
 * read nothing else.
 */
import { type Descriptor, type Digest, digestOf, type Manifest, MediaType, PredicateType } from '@tidegate/core';

const UNKNOWN = 'unknown';
const TYPE = 'vnd.docker.reference.type';
const SUBJECT = 'vnd.docker.reference.digest';
const KIND = 'attestation-manifest';
const PREDICATE = 'in-toto.io/predicate-type';
/** A manifest of this kind has no other statements. */
const PREDICATES: ReadonlySet<string> = new Set([PredicateType.spdx, PredicateType.provenance]);

/** A statement about a platform, as a blob of the store. */
export interface AttestedStatement {
  readonly digest: Digest;
  readonly size: number;
  readonly predicateType: string;
}

/** The attestation manifest of one platform. */
export interface Attestations {
  /** The platform's manifest. */
  readonly about: Digest;
  readonly descriptor: Descriptor;
  readonly statements: readonly AttestedStatement[];
}

/** The blobs of an attestation manifest, and its entry in the index. */
export function makeAttestations(about: Digest, statements: readonly AttestedStatement[]) {
  const config = configOf(statements);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.manifest,
      config: { mediaType: MediaType.config, digest: digestOf(config), size: config.length },
      layers: statements.map(({ digest, size, predicateType }) => ({
        ...{ mediaType: MediaType.inToto, digest, size },
        annotations: { [PREDICATE]: predicateType },
      })),
    }),
  );
  const descriptor = { mediaType: MediaType.manifest, digest: digestOf(manifest), size: manifest.length };
  const entry = {
    ...descriptor,
    annotations: { [SUBJECT]: about, [TYPE]: KIND },
    platform: { architecture: UNKNOWN, os: UNKNOWN },
  };
  return { config, manifest, descriptor, entry };
}

/** BuildKit's: the config of an image that no node runs. */
function configOf(statements: readonly AttestedStatement[]): Buffer {
  const rootfs = { type: 'layers', diff_ids: statements.map(({ digest }) => digest) };
  return Buffer.from(JSON.stringify({ architecture: UNKNOWN, os: UNKNOWN, config: {}, rootfs }));
}

/** Whether the entry says that no node runs it. */
export function isForNobody({ platform }: Pick<Descriptor, 'platform'>): boolean {
  return platform?.os === UNKNOWN || platform?.architecture === UNKNOWN;
}

/** Whether the entry claims to be an attestation manifest, and no platform. */
export function claimsAttestations({ annotations = {}, mediaType, platform }: Descriptor): boolean {
  const { os, architecture, ...rest } = platform ?? {};
  const isUnknown = os === UNKNOWN && architecture === UNKNOWN && Object.values(rest).every((one) => one === undefined);
  return isUnknown && mediaType === MediaType.manifest && annotations[TYPE] === KIND;
}

/**
 * Reads an entry that claims to be an attestation manifest. An image under this name would be neither scanned
 * nor judged, so everything is compared: its config must be the one that these statements give.
 * @returns the attestations, or the reason why it is none
 */
export function readAttestations(
  entry: Descriptor,
  manifest: Manifest,
  platforms: ReadonlySet<Digest>,
): Attestations | string {
  const about = entry.annotations?.[SUBJECT] as Digest;
  if (!platforms.has(about)) return 'it is about none of its platforms';
  const statements = manifest.layers.map(({ digest, size, annotations = {} }) => ({
    ...{ digest, size },
    predicateType: annotations[PREDICATE] ?? '',
  }));
  const types = statements.map(({ predicateType }) => predicateType);
  if (types.length === 0 || new Set(types).size < types.length || !types.every((type) => PREDICATES.has(type))) {
    return 'it contains something else than one SBOM and one provenance';
  }
  const made = makeAttestations(about, statements);
  if (made.descriptor.digest !== entry.digest || made.descriptor.size !== entry.size) {
    return 'it is not an attestation manifest as Tidegate writes it';
  }
  const { mediaType, digest, size } = entry;
  return { about, descriptor: { mediaType, digest, size }, statements };
}
