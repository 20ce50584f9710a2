import { hasKind, TidegateError } from '../error.ts';
import { sameNameInGo } from '../text/go-names.ts';
import { isRecord, parseStrictJson } from '../text/json.ts';
import type { Descriptor, Index, Manifest } from './descriptor.ts';
import { type Digest, digestOf, parseDigest } from './digest.ts';
import { isIndexType, isManifestType, MediaType } from './media-type.ts';
import { formatPlatform, type Platform, parsePlatform } from './platform.ts';

/** distribution-spec, "Pushing Manifests": registries accept at least this much, and many no more. In bytes. */
export const MANIFEST_LIMIT = 4 * 1024 * 1024;
/** Maximum entries in one list: far more than a runtime can stack, and few enough for a fast walk. */
const ENTRY_LIMIT = 4096;
/** Maximum size in a descriptor: registries accept less than a tenth of it, and sums of sizes stay exact. In bytes. */
const BLOB_LIMIT = 1024 ** 4;
/** Format of Windows build numbers. It becomes part of names, so other characters are rejected. */
const OS_VERSION = /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$/;
const OS_FEATURES = 16;
/** RFC 6838 names; parameters only because older Sigstore bundles carry `;version=0.2`. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}(;\s?[a-z0-9-]+=[\w.+-]+)*$/i;
const NAMES = {
  manifest: ['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'subject', 'annotations'],
  index: ['schemaVersion', 'mediaType', 'artifactType', 'manifests', 'subject', 'annotations'],
  descriptor: ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'artifactType', 'platform'],
  platform: ['architecture', 'os', 'os.version', 'os.features', 'variant'],
} as const;

type Fields = Readonly<Record<string, unknown>>;

/**
 * A manifest or an index, from exactly the bytes that `descriptor` describes.
 * OCI image-spec manifest.md and image-index.md, and Docker's schema 2, read strictly.
 * @throws TidegateError `integrity` if the bytes do not match the descriptor, or are ambiguous.
 */
export function parseManifest(
  bytes: Uint8Array,
  descriptor: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>,
): Manifest | Index {
  const where = `manifest ${descriptor.digest}`;
  if (bytes.length > MANIFEST_LIMIT) fail(where, `${bytes.length} bytes are more than the ${MANIFEST_LIMIT} allowed`);
  if (bytes.length !== descriptor.size)
    fail(where, `${bytes.length} bytes, but the descriptor says ${descriptor.size}`);
  const actual = digestOf(bytes);
  if (actual !== descriptor.digest) fail(where, `the bytes hash to ${actual}`);
  const fields = object(parseStrictJson(bytes, where), where);
  if (isIndexType(descriptor.mediaType)) return readIndex(fields, descriptor.mediaType, where);
  if (isManifestType(descriptor.mediaType)) return readManifest(fields, descriptor.mediaType, where);
  return fail(where, `${quoted(descriptor.mediaType)} is neither an image manifest nor an index`);
}

/** The `index.json` of an image layout (image-layout.md): an index without a descriptor. */
export function parseIndexFile(bytes: Uint8Array, where: string): Index {
  if (bytes.length > MANIFEST_LIMIT) fail(where, `${bytes.length} bytes are more than the ${MANIFEST_LIMIT} allowed`);
  return readIndex(object(parseStrictJson(bytes, where), where), MediaType.index, where);
}

/**
 * The referrers response of a registry, which is also an index. Some registries in Go (olareg) send `null` for an empty
 * list.
 */
export function parseReferrers(bytes: Uint8Array, where: string): readonly Descriptor[] {
  const fields = object(parseStrictJson(bytes, where), where);
  return readIndex({ ...fields, manifests: fields.manifests ?? [] }, MediaType.index, where).manifests;
}

/**
 * The platform in an image configuration (config.md), normalised.
 * @throws TidegateError `integrity` for an unknown platform.
 */
export function platformOfConfig(bytes: Uint8Array, digest: Digest): Platform {
  const where = `config ${digest}`;
  const fields = object(parseStrictJson(bytes, where), where);
  return knownPlatform(readPlatform(fields, where), where);
}

/** An image's platform, checked against the names we know and normalised (containerd's rules). */
export function knownPlatform(platform: Platform, where: string): Platform {
  const text = formatPlatform(platform);
  const { 'os.version': version, 'os.features': features } = platform;
  try {
    return {
      ...parsePlatform(text),
      'os.version': version,
      'os.features': features,
    };
  } catch (cause) {
    if (!hasKind(cause, 'bad-input')) throw cause;
    return fail(where, `${quoted(text)} is not a platform`, cause);
  }
}

/** distribution-spec, "Listing Referrers": a manifest without artifactType is listed by its config's media type. */
export function artifactTypeOf(manifest: Manifest | Index): string | undefined {
  if (manifest.artifactType !== undefined) return manifest.artifactType;
  return manifest.kind === 'manifest' ? manifest.config.mediaType : undefined;
}

function readManifest(fields: Fields, mediaType: string, where: string): Manifest {
  refuseLookalikes(fields, NAMES.manifest, where);
  // CVE-2021-41190: a document with both lists is a manifest for one client and an index for another.
  if ('manifests' in fields) fail(where, 'a manifest with `manifests`');
  checkHead(fields, mediaType, where);
  return {
    kind: 'manifest',
    mediaType,
    config: readDescriptor(fields.config, `${where}: config`),
    layers: list(fields.layers, `${where}: layers`).map((entry, at) =>
      readDescriptor(entry, `${where}: layers[${at}]`),
    ),
    ...readCommon(fields, where),
  };
}

function readIndex(fields: Fields, mediaType: string, where: string): Index {
  refuseLookalikes(fields, NAMES.index, where);
  for (const name of ['layers', 'config', 'fsLayers']) if (name in fields) fail(where, `an index with \`${name}\``);
  checkHead(fields, mediaType, where);
  return {
    kind: 'index',
    mediaType,
    manifests: list(fields.manifests, `${where}: manifests`).map((entry, at) =>
      readDescriptor(entry, `${where}: manifests[${at}]`),
    ),
    ...readCommon(fields, where),
  };
}

function checkHead(fields: Fields, mediaType: string, where: string): void {
  if (fields.schemaVersion !== 2) fail(where, 'schemaVersion is not 2');
  // mediaType is optional in OCI, but not in Docker.
  const optional = mediaType === MediaType.index || mediaType === MediaType.manifest;
  if (fields.mediaType === undefined && optional) return;
  if (fields.mediaType !== mediaType) {
    fail(where, `its mediaType is ${quoted(fields.mediaType)}, but the descriptor says ${mediaType}`);
  }
}

function readCommon(fields: Fields, where: string): Pick<Manifest, 'artifactType' | 'subject' | 'annotations'> {
  // Some builders write `"artifactType": ""` for none.
  const artifactType = fields.artifactType === '' ? undefined : fields.artifactType;
  return {
    artifactType: artifactType === undefined ? undefined : readMediaType(artifactType, `${where}: artifactType`),
    subject: absent(fields.subject) ? undefined : readDescriptor(fields.subject, `${where}: subject`),
    ...readAnnotations(fields, where),
  };
}

function readDescriptor(value: unknown, where: string): Descriptor {
  const fields = object(value, where);
  refuseLookalikes(fields, NAMES.descriptor, where);
  const size = fields.size;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || Object.is(size, -0)) {
    return fail(where, `size ${quoted(size)} is not a number of bytes`);
  }
  if (size > BLOB_LIMIT) fail(where, `size ${size} is more than the ${BLOB_LIMIT} bytes that any blob may have`);
  const digest = parseDigest(fields.digest, where);
  const artifactType = fields.artifactType === '' ? undefined : fields.artifactType;
  checkEmbedded(fields.data, digest, size, where);
  return {
    mediaType: readMediaType(fields.mediaType, `${where}: mediaType`),
    digest,
    size,
    ...readUrls(fields.urls, where),
    artifactType: artifactType === undefined ? undefined : readMediaType(artifactType, `${where}: artifactType`),
    platform: absent(fields.platform)
      ? undefined
      : readPlatform(object(fields.platform, `${where}: platform`), `${where}: platform`),
    ...readAnnotations(fields, where),
  };
}

/** descriptor.md. They are passed on and never opened. */
function readUrls(value: unknown, where: string): { urls?: readonly string[] } {
  if (absent(value)) return {};
  const urls = list(value, `${where}: urls`);
  if (!urls.every((url) => typeof url === 'string')) return fail(where, 'urls is not a list of texts');
  return urls.length > 0 ? { urls: urls as readonly string[] } : {};
}

/** descriptor.md: `data` must equal the content. We never use it, but the next client may. */
function checkEmbedded(embedded: unknown, digest: Digest, size: number, where: string): void {
  if (absent(embedded)) return;
  const bytes = typeof embedded === 'string' ? Buffer.from(embedded, 'base64') : undefined;
  if (!bytes || bytes.length !== size || digestOf(bytes) !== digest) {
    fail(where, 'the embedded `data` does not match the digest');
  }
}

function readPlatform(fields: Fields, where: string): Platform {
  // A config has many more names than a platform; only look-alikes of the platform's names are rejected.
  refuseLookalikes(fields, NAMES.platform, where);
  const { os, architecture, variant } = fields;
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === '' || architecture === '') {
    return fail(where, 'os and architecture are missing');
  }
  if (!absent(variant) && typeof variant !== 'string') fail(where, 'variant is not text');
  return {
    os,
    architecture,
    variant: typeof variant === 'string' && variant !== '' ? variant : undefined,
    ...readSystemDetails(fields, where),
  };
}

function readSystemDetails(fields: Fields, where: string): Pick<Platform, 'os.version' | 'os.features'> {
  const { 'os.version': version, 'os.features': features } = fields;
  const versioned = !absent(version) && version !== '';
  if (versioned && (typeof version !== 'string' || !OS_VERSION.test(version))) {
    fail(where, `os.version ${quoted(version)} is not a version`);
  }
  const featured = !absent(features) && !(Array.isArray(features) && features.length === 0);
  if (featured) {
    const named = list(features, `${where}: os.features`);
    if (named.length > OS_FEATURES || !named.every((one) => typeof one === 'string' && OS_VERSION.test(one))) {
      fail(where, 'os.features is not a short list of names');
    }
  }
  return {
    'os.version': versioned ? (version as string) : undefined,
    'os.features': featured ? (features as readonly string[]) : undefined,
  };
}

function readAnnotations(
  fields: Fields,
  where: string,
): { annotations?: Readonly<Record<string, string>> | undefined } {
  if (absent(fields.annotations)) return {};
  const annotations = object(fields.annotations, `${where}: annotations`);
  for (const [name, value] of Object.entries(annotations)) {
    if (typeof value !== 'string') fail(where, `the annotation ${quoted(name)} is not text`);
  }
  return { annotations: annotations as Readonly<Record<string, string>> };
}

function readMediaType(value: unknown, where: string): string {
  if (typeof value !== 'string' || !MEDIA_TYPE.test(value)) return fail(where, `${quoted(value)} is not a media type`);
  return value;
}

/** Go's decoder reads `Digest` as `digest`, so a look-alike name is a duplicate name for it. */
function refuseLookalikes(fields: Fields, names: readonly string[], where: string): void {
  for (const name of Object.keys(fields)) {
    const meant = names.find((known) => sameNameInGo(known, name));
    if (meant !== undefined && meant !== name) fail(where, `the name ${quoted(name)} could be read as ${meant}`);
  }
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) return fail(where, 'not a list');
  if (value.length > ENTRY_LIMIT)
    return fail(where, `${value.length} entries are more than the ${ENTRY_LIMIT} allowed`);
  return value;
}

function object(value: unknown, where: string): Fields {
  if (!isRecord(value)) return fail(where, 'not an object');
  return value as Fields;
}

/** Go writes a nil map or pointer as null. */
function absent(value: unknown): boolean {
  return value === undefined || value === null;
}

function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100);
}

function fail(where: string, why: string, cause?: unknown): never {
  throw new TidegateError('image-inconsistent', `${where}: ${why}.`, {
    next: 'Build the image again; if the error persists, the tool that wrote it is broken or hostile.',
    cause,
  });
}
