import {
  type Digest,
  defined,
  hexOf,
  isDigest,
  type Material,
  PredicateType,
  type ProgramEvidence,
  type ProvenanceEvidence,
} from '@tidegate/core';
import * as v from 'valibot';
import { members, shaped } from '../statement/shape.ts';
import { makeStatement, type StatementBytes, type Subject } from '../statement/statement.ts';
import { type BuildKitProvenance, readBuildKit, withoutCredentials, withoutUserinfo } from './buildkit.ts';

/**
 * All parameters set by the user: SLSA v1 requires external parameters to be complete, because consumers cannot check
 * unlisted ones. Build args with their values; secrets, ssh agents and cache credentials by name only.
 */
export interface BuildParameters {
  readonly context?: string;
  readonly file?: string;
  readonly target?: string | undefined;
  readonly platforms?: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly contexts?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly ssh?: readonly string[];
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  readonly noCache?: boolean;
  readonly noCacheFilters?: readonly string[] | undefined;
  readonly pull?: boolean;
  readonly network?: string;
  readonly allow?: readonly string[] | undefined;
  readonly addHosts?: readonly string[] | undefined;
  /** Registry mirrors, by registry. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly ulimit?: readonly string[];
  readonly shmSize?: string | undefined;
  readonly cgroupParent?: string | undefined;
  readonly compression?: string | undefined;
  /** Stages that were also exported as files: `binaries as local`. */
  readonly outputs?: readonly string[] | undefined;
  readonly sourceDateEpoch?: number | undefined;
  readonly rewriteTimestamp?: boolean;
}

/** Facts about the build that the caller knows and BuildKit does not. */
export interface ProvenanceOptions {
  /** Builder id: a workflow's URI on a runner, otherwise a URI for the machine. */
  readonly builderId: string;
  /** Programs of the build: buildx, and buildkitd if it is known. */
  readonly programs?: readonly ProgramEvidence[];
  /** The network of RUN steps that do not select one. */
  readonly runNetwork?: string;
  /** Versions of the components, such as `{ tidegate, buildkit }`. */
  readonly builderVersion?: Readonly<Record<string, string>>;
  /** Id of this run, such as the URL of a workflow run's attempt. */
  readonly invocationId?: string | undefined;
  /** Source of the commit: `https://host/owner/repo` (with or without `git+`), commit and full ref. */
  readonly source?: { readonly uri: string; readonly commit: string; readonly ref?: string } | undefined;
  /** The build context that another job made, by the digest of its archive. */
  readonly artifact?: { readonly name: string; readonly digest: Digest } | undefined;
  readonly parameters?: BuildParameters;
  /** Files that the build wrote beside the image. */
  readonly byproducts?: readonly Subject[];
  /** `buildx.build.provenance` of the stages that were exported as files: the build read their sources, too. */
  readonly stages?: readonly unknown[];
  /** Used if BuildKit provides no times. */
  readonly startedOn?: Date;
  readonly finishedOn?: Date;
}

/**
 * SLSA v1 provenance (slsa.dev/spec/v1.0/provenance) of a BuildKit build.
 * @param buildkit `buildx.build.provenance` of the metadata file: a SLSA v0.2 or a v1 predicate.
 * @throws TidegateError `evidence` when BuildKit's part cannot be read.
 */
export function provenanceStatement(
  subjects: readonly Subject[],
  buildkit: unknown,
  options: ProvenanceOptions,
): StatementBytes {
  const build = readBuildKit(buildkit);
  const { source, parameters, artifact } = options;
  const commit = source && {
    name: SOURCE,
    uri: sourceUri(source),
    digest: { gitCommit: source.commit },
  };
  return makeStatement(PredicateType.provenance, subjects, {
    buildDefinition: {
      buildType: build.buildType,
      externalParameters: {
        ...build.externalParameters,
        ...defined({
          source: commit && { uri: commit.uri, digest: commit.digest },
          parameters: parameters && withoutCredentials(parameters),
        }),
      },
      internalParameters: {
        ...build.internalParameters,
        ...defined({ tidegate: options.runNetwork && { runNetwork: options.runNetwork } }),
      },
      resolvedDependencies: [
        ...(commit ? [commit] : []),
        // No URI: an artifact has none that lasts, and no rule of base images is about it.
        ...(artifact ? [{ name: artifact.name, digest: { sha256: hexOf(artifact.digest) } }] : []),
        ...withSourcesOf(build.resolvedDependencies, options.stages ?? []),
      ],
    },
    runDetails: runDetails(build, options),
  });
}

const SOURCE = 'source';

function withSourcesOf(
  own: BuildKitProvenance['resolvedDependencies'],
  stages: readonly unknown[],
): BuildKitProvenance['resolvedDependencies'] {
  const all = [...own, ...stages.flatMap((stage) => readBuildKit(stage).resolvedDependencies)];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function runDetails(build: BuildKitProvenance, options: ProvenanceOptions): object {
  const invocationId = options.invocationId ?? build.invocationId;
  const startedOn = build.startedOn ?? options.startedOn?.toISOString();
  const finishedOn = build.finishedOn ?? options.finishedOn?.toISOString();
  return {
    builder: {
      id: options.builderId,
      version: options.builderVersion,
      builderDependencies: options.programs === undefined ? undefined : options.programs.map(dependencyOf),
    },
    metadata: {
      ...build.extensions,
      ...defined({
        invocationId: invocationId || undefined,
        startedOn: startedOn || undefined,
        finishedOn: finishedOn || undefined,
      }),
    },
    ...defined({
      byproducts: options.byproducts?.length
        ? options.byproducts.map(({ name, digest }) => ({ name, digest: { sha256: hexOf(digest) } }))
        : undefined,
    }),
  };
}

/** Without a URI the digest is that of the program itself, otherwise that of the file published at the URI. */
function dependencyOf({ name, digest, release }: ProgramEvidence): object {
  return { name, uri: release || undefined, digest: { sha256: hexOf(digest) } };
}

/** Source URI in the format of GitHub's own build type: `git+https://host/owner/repo@refs/tags/v1`. */
function sourceUri({ uri, ref }: { uri: string; ref?: string }): string {
  const clean = withoutUserinfo(uri);
  return `${clean.startsWith('git+') ? clean : `git+${clean}`}${ref ? `@${ref}` : ''}`;
}

/** A resource descriptor (SLSA v1, resolvedDependencies). */
export const Dependency = v.looseObject({
  name: v.optional(v.string()),
  uri: v.optional(v.string()),
  digest: v.optional(v.record(v.string(), v.string())),
});

const Predicate = v.looseObject({
  buildDefinition: v.looseObject({
    buildType: v.pipe(v.string(), v.minLength(1)),
    externalParameters: members,
    resolvedDependencies: v.optional(v.array(Dependency), []),
  }),
  runDetails: v.looseObject({
    builder: v.looseObject({
      id: v.pipe(v.string(), v.minLength(1)),
      builderDependencies: v.optional(v.array(Dependency), []),
    }),
  }),
});

/** @throws TidegateError `evidence` when the predicate is not SLSA v1 provenance */
export function readProvenance(predicate: unknown, subject: Digest): ProvenanceEvidence {
  const { buildDefinition, runDetails } = shaped(Predicate, predicate, 'The provenance');
  const source = sourceOf(buildDefinition.resolvedDependencies);
  const materials = materialsOf(buildDefinition.resolvedDependencies);
  return {
    kind: 'provenance',
    subject,
    builder: runDetails.builder.id,
    buildType: buildDefinition.buildType,
    source,
    materials,
    programs: runDetails.builder.builderDependencies.flatMap(programOf),
  };
}

function programOf({ name, uri, digest }: v.InferOutput<typeof Dependency>): readonly ProgramEvidence[] {
  const sha256 = `sha256:${digest?.sha256}`;
  return name && isDigest(sha256) ? [{ name, digest: sha256, release: uri || undefined }] : [];
}

/** All inputs of the build, in the order of the provenance. */
function materialsOf(dependencies: readonly v.InferOutput<typeof Dependency>[]): readonly Material[] {
  return dependencies.flatMap(({ uri, digest }) =>
    uri === undefined ? [] : [{ uri, sha256: digest?.sha256 ? digest.sha256 : undefined }],
  );
}

/**
 * The dependency with the name source; in provenance of other tools, the only git dependency. If there are several,
 * none counts as the source.
 */
function sourceOf(dependencies: readonly v.InferOutput<typeof Dependency>[]): ProvenanceEvidence['source'] {
  const git = dependencies.filter(({ uri, digest }) => uri?.startsWith('git+') && commitOf(digest) !== undefined);
  const named = git.filter(({ name }) => name === SOURCE);
  const [only, ...others] = named.length > 0 ? named : git;
  const commit = commitOf(only?.digest);
  return only?.uri && commit && others.length === 0 ? { uri: only.uri, commit } : undefined;
}

function commitOf(digest: Readonly<Record<string, string>> | undefined): string | undefined {
  return digest?.gitCommit ?? digest?.sha1;
}
