import {
  DISTRIBUTION_PACKAGES,
  type Digest,
  type DistributionRelease,
  digestOf,
  PredicateType,
  purlType,
  quoted,
  releaseName,
  type SbomEvidence,
  TidegateError,
} from '@tidegate/core';
import * as v from 'valibot';
import { members, shaped } from '../statement/shape.ts';
import { MAX_STATEMENT_BYTES, makeStatement, type StatementBytes, type Subject } from '../statement/statement.ts';
import { parseEvidence, unreadable } from '../statement/strict-json.ts';
import { layersOfPackages } from './package-layers.ts';

/** In bytes. Leaves room for the enclosing statement. */
export const MAX_SBOM_BYTES = MAX_STATEMENT_BYTES - 64 * 1024;
/** Go symbols make a syft-json document many times larger than an SBOM. This is the maximum of a V8 string. */
export const MAX_SYFT_BYTES = 512 * 1024 * 1024 - 64;

const Spdx = v.looseObject({
  spdxVersion: v.pipe(v.string(), v.regex(/^SPDX-2\.[0-9]$/, 'expected SPDX 2')),
  SPDXID: v.literal('SPDXRef-DOCUMENT'),
  packages: v.optional(
    v.array(v.looseObject({ name: v.string(), SPDXID: v.optional(v.string()), versionInfo: v.optional(v.string()) })),
    [],
  ),
  relationships: v.optional(
    v.array(v.looseObject({ spdxElementId: v.string(), relatedSpdxElement: v.string(), relationshipType: v.string() })),
    [],
  ),
});

const CycloneDx = v.looseObject({
  bomFormat: v.literal('CycloneDX'),
  specVersion: v.pipe(v.string(), v.regex(/^1\.[0-9]+$/, 'expected CycloneDX 1')),
  metadata: v.optional(v.looseObject({ component: v.optional(v.looseObject({ version: v.optional(v.string()) })) })),
  components: v.optional(
    v.array(
      v.looseObject({
        type: v.string(),
        name: v.string(),
        version: v.optional(v.string()),
        purl: v.optional(v.string()),
        properties: v.optional(v.array(v.looseObject({ name: v.string(), value: v.optional(v.string()) }))),
      }),
    ),
    [],
  ),
});
type Component = v.InferOutput<typeof CycloneDx>['components'][number];

/** @param document SPDX 2.3 JSON bytes. @throws TidegateError `evidence` when they are not. */
export function spdxStatement(subjects: readonly Subject[], document: Uint8Array): StatementBytes {
  const value = parseEvidence(document, 'The SPDX document', MAX_SBOM_BYTES);
  return withSaid(makeStatement(PredicateType.spdx, subjects, value), subjects, readSpdx);
}

/** @param document CycloneDX JSON bytes. @throws TidegateError `evidence` when they are not. */
export function cyclonedxStatement(subjects: readonly Subject[], document: Uint8Array): StatementBytes {
  const value = parseEvidence(document, 'The CycloneDX document', MAX_SBOM_BYTES);
  return withSaid(makeStatement(PredicateType.cyclonedx, subjects, value), subjects, readCycloneDx);
}

/** Parse the document for every subject, and store the evidence if there is exactly one. */
function withSaid(
  made: StatementBytes,
  subjects: readonly Subject[],
  read: (predicate: unknown, subject: Digest) => SbomEvidence,
): StatementBytes {
  const [said, ...others] = subjects.map(({ digest }) => read(made.statement.predicate, digest));
  return said && others.length === 0 ? { ...made, said } : made;
}

/**
 * Statement for a document that was just created from one image. The creator sets the document's version to the image's
 * digest, which is the only link to the image: SPDX and CycloneDX have no field for it.
 * @throws TidegateError `evidence` for another version of SPDX, or a document that describes anything else.
 */
export function spdxOfImage(digest: Digest, document: Uint8Array): StatementBytes {
  const made = spdxStatement([{ digest }], document);
  const { spdxVersion, packages, relationships } = shaped(Spdx, made.statement.predicate, 'The SPDX document');
  if (spdxVersion !== 'SPDX-2.3') throw unreadable(`The SPDX document has version ${spdxVersion}, expected SPDX-2.3.`);
  const described = describedBy(relationships);
  const [only, ...others] = packages.filter(({ SPDXID }) => described.has(SPDXID ?? ''));
  if (others.length > 0) throw unreadable('The SPDX document describes more than one package.');
  assertVersion('The SPDX document', only?.versionInfo, digest);
  return made;
}

/** Like `spdxOfImage`, for CycloneDX. @throws TidegateError `evidence` in the same cases. */
export function cyclonedxOfImage(digest: Digest, document: Uint8Array): StatementBytes {
  const made = cyclonedxStatement([{ digest }], document);
  const { specVersion, metadata } = shaped(CycloneDx, made.statement.predicate, 'The CycloneDX document');
  if (specVersion !== '1.6') throw unreadable(`The CycloneDX document has version ${specVersion}, expected 1.6.`);
  assertVersion('The CycloneDX document', metadata?.component?.version, digest);
  return made;
}

function assertVersion(what: string, version: string | undefined, digest: Digest): void {
  if (version === digest) return;
  const shown = version === undefined ? 'no image' : quoted(version);
  throw unreadable(`${what} describes ${shown}, expected ${digest}.`);
}

/** `document` is the digest of the predicate without whitespace: the original bytes are not kept. */
export function readSpdx(predicate: unknown, subject: Digest): SbomEvidence {
  const { packages, relationships } = shaped(Spdx, predicate, 'The SPDX document');
  // The image itself is listed as a package that the document describes: it is not a package in the image.
  const described = describedBy(relationships);
  const own = packages.filter((entry) => !described.has(entry.SPDXID ?? ''));
  const purls = own.flatMap((entry) => spdxPurl(entry) ?? []);
  return {
    kind: 'sbom',
    subject,
    format: 'spdx',
    document: digestOf(JSON.stringify(predicate)),
    packages: own.length,
    osPackages: purls.filter(isOsPurl).length,
    ...distributionOf(purls),
  };
}

function describedBy(relationships: v.InferOutput<typeof Spdx>['relationships']): ReadonlySet<string> {
  return new Set(
    relationships
      .filter(
        ({ spdxElementId, relationshipType }) =>
          spdxElementId === 'SPDXRef-DOCUMENT' && relationshipType === 'DESCRIBES',
      )
      .map(({ relatedSpdxElement }) => relatedSpdxElement),
  );
}

const ExternalRefs = v.array(v.looseObject({ referenceType: v.string(), referenceLocator: v.string() }));

function spdxPurl(entry: Record<string, unknown>): string | undefined {
  const refs = v.safeParse(ExternalRefs, entry.externalRefs ?? []);
  if (!refs.success) throw unreadable('The SPDX document has a package whose externalRefs cannot be read.');
  return refs.output.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator;
}

export function readCycloneDx(predicate: unknown, subject: Digest): SbomEvidence {
  const { components } = shaped(CycloneDx, predicate, 'The CycloneDX document');
  const packages = components.filter(({ type }) => type === 'library' || type === 'application');
  const purls = packages.flatMap(({ purl }) => purl ?? []);
  const system = components.find(({ type }) => type === 'operating-system');
  return {
    kind: 'sbom',
    subject,
    format: 'cyclonedx',
    document: digestOf(JSON.stringify(predicate)),
    packages: packages.length,
    osPackages: purls.filter(isOsPurl).length,
    ...(system ? systemOf(system) : distributionOf(purls)),
  };
}

function systemOf({ name, version, properties = [] }: Component): Pick<SbomEvidence, 'distribution' | 'release'> {
  // Syft's property for a field that CycloneDX does not have.
  const codename = properties.find((one) => one.name === 'syft:distro:versionCodename')?.value;
  const release = releaseOf(name, version, codename);
  return release ? { distribution: releaseName(release), release } : {};
}

function releaseOf(
  id: string | undefined,
  version: string | undefined,
  codename: string | undefined,
): DistributionRelease | undefined {
  return id ? { id, version: version || undefined, codename: codename || undefined } : undefined;
}

function isOsPurl(purl: string): boolean {
  return OS_TYPES.has(purlType(purl) ?? '');
}

/** SPDX has no such field; the purl of an OS package has it as a qualifier: `distro=debian-12`. */
function distributionOf(purls: readonly string[]): { distribution?: string } {
  for (const purl of purls.filter(isOsPurl)) {
    const distro = /[?&]distro=([^&#]+)/.exec(purl)?.[1];
    if (distro) return { distribution: distro.replace(/-(?=[0-9])/, ' ') };
  }
  return {};
}

const OS_TYPES = new Set(DISTRIBUTION_PACKAGES);

/** Files that only a distribution's package manager or base files create. */
const OS_TRACES = new Set([
  '/etc/debian_version',
  '/etc/alpine-release',
  '/etc/redhat-release',
  '/var/lib/dpkg/status',
  '/lib/apk/db/installed',
  '/usr/lib/apk/db/installed',
  '/var/lib/rpm/rpmdb.sqlite',
  '/var/lib/rpm/Packages',
  '/var/lib/rpm/Packages.db',
  '/usr/lib/sysimage/rpm/rpmdb.sqlite',
  '/usr/lib/sysimage/rpm/Packages.db',
]);

const Location = v.looseObject({ path: v.string() });
/** `spdxExpression` is empty if Syft could not parse the package's license. */
const License = v.looseObject({ value: v.optional(v.string()), spdxExpression: v.optional(v.string()) });
const Syft = v.looseObject({
  artifacts: v.array(
    v.looseObject({
      name: v.string(),
      version: v.optional(v.string(), ''),
      type: v.string(),
      purl: v.optional(v.string()),
      licenses: v.optional(v.nullable(v.array(License))),
      locations: v.optional(v.nullable(v.array(Location))),
    }),
  ),
  files: v.optional(v.nullable(v.array(v.looseObject({ location: Location })))),
  source: v.looseObject({ type: v.string(), metadata: v.optional(members, {}) }),
  // `{}` if Syft recognized none.
  distro: v.optional(
    v.looseObject({
      id: v.optional(v.string()),
      name: v.optional(v.string()),
      versionID: v.optional(v.string()),
      versionCodename: v.optional(v.string()),
    }),
    {},
  ),
  descriptor: v.looseObject({ name: v.literal('syft'), version: v.optional(v.string()) }),
  schema: v.looseObject({ version: v.string() }),
});

/**
 * Read the syft-json document that the scan reads.
 * @throws TidegateError `evidence` when it is not such a document, or Syft read another image than `subject`.
 */
export function readSyft(document: Uint8Array, subject: Digest): SbomEvidence {
  return syftEvidence(parseSyft(document), document, subject);
}

/** Like `readSyft`, with `packageLayers`: the document is parsed once. @throws TidegateError `evidence` */
export function readCatalog(document: Uint8Array, subject: Digest) {
  const value = parseSyft(document);
  return { evidence: syftEvidence(value, document, subject), layers: layersOfPackages(value) };
}

/**
 * The layer that added each package, by `packageKey`.
 * @param document syft-json bytes that have been read as evidence before
 * @throws TidegateError `evidence` when it is not such a document
 */
export function packageLayers(document: Uint8Array): ReadonlyMap<string, Digest> {
  return layersOfPackages(parseSyft(document));
}

function parseSyft(document: Uint8Array): unknown {
  return parseEvidence(document, 'The syft-json document', MAX_SYFT_BYTES);
}

function syftEvidence(value: unknown, document: Uint8Array, subject: Digest): SbomEvidence {
  const { artifacts, descriptor, files, source, distro } = shaped(Syft, value, 'The syft-json document');
  const read = source.metadata.manifestDigest;
  if (source.type !== 'image' || read !== subject) {
    // Syft silently reads a layout with two images as one of them: this check detects it.
    const shown = typeof read === 'string' ? quoted(read) : 'no image';
    throw new TidegateError('evidence-of-other-image', `The SBOM was generated from ${shown}, not from ${subject}.`, {
      next: 'Run generate-sbom on this image.',
    });
  }
  const paths = [
    ...(files ?? []).map(({ location }) => location.path),
    ...artifacts.flatMap(({ locations }) => (locations ?? []).map(({ path }) => path)),
  ];
  const release = releaseOf(distro.id || distro.name, distro.versionID, distro.versionCodename);
  return {
    kind: 'sbom',
    subject,
    format: 'syft',
    document: digestOf(document),
    packages: artifacts.length,
    osPackages: artifacts.filter(({ type }) => OS_TYPES.has(type)).length,
    components: artifacts.map((artifact) => ({
      name: artifact.name,
      version: artifact.version,
      type: artifact.type,
      purl: artifact.purl || undefined,
      licenses: (artifact.licenses ?? []).map(({ value, spdxExpression }) => spdxExpression || value || ''),
    })),
    osTraces: [...new Set(paths.filter((path) => OS_TRACES.has(path)))],
    distribution: release === undefined ? undefined : releaseName(release),
    release,
    cataloger: descriptor.version || undefined,
  };
}
