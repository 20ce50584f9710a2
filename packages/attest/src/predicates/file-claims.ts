import { DISTRIBUTION_PACKAGES } from '@tidegate/core';
import * as v from 'valibot';
import { shaped } from '../statement/shape.ts';
import { parseEvidence } from '../statement/strict-json.ts';
import { MAX_SYFT_BYTES } from './sbom.ts';

const WHAT = 'The syft-json document';
const OVERLAP = 'ownership-by-file-overlap';

const Metadata = v.looseObject({
  source: v.optional(v.string()),
  sourceVersion: v.optional(v.string()),
  sourceRpm: v.optional(v.string()),
  originPackage: v.optional(v.string()),
});
const Artifact = v.looseObject({
  id: v.string(),
  name: v.string(),
  version: v.optional(v.string(), ''),
  type: v.string(),
  metadata: v.optional(v.nullable(v.unknown())),
});
type Artifact = v.InferOutput<typeof Artifact>;
const Syft = v.looseObject({
  artifacts: v.array(Artifact),
  artifactRelationships: v.optional(
    v.nullable(v.array(v.looseObject({ parent: v.string(), child: v.string(), type: v.string() }))),
  ),
});

/**
 * A package that claims to have installed the files of another one. Grype then does not look for vulnerabilities of the
 * other package, because it assumes that the distribution's advisories cover it.
 */
export interface FileClaim {
  /** Ids in the document. */
  readonly owner: string;
  readonly owned: string;
  /** `deb acme 4` */
  readonly by: string;
  readonly of: string;
  /** Kind of the owner, as named in the database. */
  readonly kind: string;
  /**
   * Names of the owner or of its source under which it can be a distribution's package of the other one. Empty if its
   * version differs from the version of the claimed package.
   */
  readonly names: readonly string[];
}

/**
 * The claims because of which Grype 0.119 omits packages (`grype/pkg/package.go`, excludePackage): one version is a
 * prefix of the other, and either only the owner is a distribution's package, or the other one is of type `binary`.
 * @param document syft-json; other documents have no claims
 */
export function fileClaims(document: Uint8Array): readonly FileClaim[] {
  // Claims are rare, and a document may have hundreds of megabytes: search before parsing.
  if (!Buffer.from(document.buffer, document.byteOffset, document.byteLength).includes(OVERLAP)) return [];
  const { artifacts, artifactRelationships } = shaped(Syft, parseEvidence(document, WHAT, MAX_SYFT_BYTES), WHAT);
  const byId = new Map(artifacts.map((artifact) => [artifact.id, artifact]));
  return (artifactRelationships ?? []).flatMap(({ parent, child, type }): readonly FileClaim[] => {
    const [owner, owned] = [byId.get(parent), byId.get(child)];
    if (type !== OVERLAP || !owner || !owned || !leavesOut(owner, owned)) return [];
    const called = ({ type: kind, name, version }: Artifact) => `${kind} ${name} ${version}`;
    const both = { owner: parent, owned: child, by: called(owner), of: called(owned) };
    return [{ ...both, kind: owner.type, names: namesOf(owner, owned) }];
  });
}

function leavesOut(owner: Artifact, owned: Artifact): boolean {
  if (!owner.version.startsWith(owned.version) && !owned.version.startsWith(owner.version)) return false;
  return (isOfSystem(owner) && !isOfSystem(owned)) || owned.type === 'binary';
}

function isOfSystem({ type }: Artifact): boolean {
  return DISTRIBUTION_PACKAGES.includes(type);
}

function namesOf(owner: Artifact, owned: Artifact): readonly string[] {
  if (!isOfSystem(owner)) return [];
  const source = sourceOf(owner);
  if (!isVersionOf(owner.version, owned.version)) return [];
  if (source.version !== undefined && !isVersionOf(source.version, owned.version)) return [];
  const word = ownWord(owned.name);
  return [...new Set([owner.name, source.name ?? ''])].filter((name) => saysWord(name, word));
}

function sourceOf({ metadata }: Artifact): {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
} {
  const { source, sourceVersion, sourceRpm, originPackage } = v.is(Metadata, metadata) ? metadata : {};
  const [, rpm, version] = /^(.+)-([^-]+)-[^-]+\.src\.rpm$/.exec(sourceRpm ?? '') ?? [];
  if (rpm !== undefined && version !== undefined) return { name: rpm, version };
  return { name: source || originPackage, version: sourceVersion || undefined };
}

/** Whether it is a distribution's form of a version: `1:2.28.1+dfsg-1` of 2.28.1. */
function isVersionOf(packaged: string, version: string): boolean {
  const upstream = packaged.replace(/^\d+:/, '');
  if (version === '' || !upstream.startsWith(version)) return false;
  return /^(?:$|[-+~]|\.?(?:dfsg|ds|repack))/.test(upstream.slice(version.length));
}

/** Common words in package names, which do not identify a package. */
const COMMON = new Set([
  'python',
  'python2',
  'python3',
  'node',
  'nodejs',
  'ruby',
  'rubygem',
  'java',
  'lib',
  'php',
  'go',
]);

/** The longest identifying word of a name: `dateutil` of python-dateutil. */
function ownWord(name: string): string {
  const found = wordsOf(name);
  const words = found.length > 0 ? found : [name];
  const own = words.filter((word) => !COMMON.has(word));
  return (own.length > 0 ? own : words).reduce((longest, word) => (word.length > longest.length ? word : longest));
}

/** Short words, like `ip`, are part of many names: they must match a separate word. */
const SHORTEST_PART = 4;

function saysWord(name: string, word: string): boolean {
  if (word.length < SHORTEST_PART && !COMMON.has(word)) return wordsOf(name).includes(word);
  return letters(name).includes(word);
}

function wordsOf(name: string): readonly string[] {
  return name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** The document without these claims, and without the lists of files from which Grype would derive them again. */
export function withoutClaims(document: Uint8Array, claims: readonly Pick<FileClaim, 'owner' | 'owned'>[]): Uint8Array {
  const { artifacts, artifactRelationships, ...others } = shaped(
    Syft,
    parseEvidence(document, WHAT, MAX_SYFT_BYTES),
    WHAT,
  );
  const owners = new Set(claims.map(({ owner }) => owner));
  const gone = new Set(claims.map(({ owner, owned }) => `${owner} ${owned}`));
  const changed = {
    ...others,
    artifacts: artifacts.map((artifact) =>
      owners.has(artifact.id) && v.is(v.looseObject({}), artifact.metadata)
        ? { ...artifact, metadata: { ...artifact.metadata, files: [] } }
        : artifact,
    ),
    artifactRelationships: (artifactRelationships ?? []).filter(
      ({ parent, child, type }) => type !== OVERLAP || !gone.has(`${parent} ${child}`),
    ),
  };
  return Buffer.from(JSON.stringify(changed));
}
