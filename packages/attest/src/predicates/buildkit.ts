import { defined } from '@tidegate/core';
import * as v from 'valibot';
import { members, shaped } from '../statement/shape.ts';

/** BuildKit's own description of a build, with the fields of SLSA v1 and of BuildKit's build type. */
export interface BuildKitProvenance {
  readonly buildType: string;
  readonly externalParameters: Readonly<Record<string, unknown>>;
  readonly internalParameters: Readonly<Record<string, unknown>>;
  readonly resolvedDependencies: readonly {
    readonly uri: string;
    readonly digest?: Readonly<Record<string, string>> | undefined;
  }[];
  readonly invocationId?: string;
  readonly startedOn?: string;
  readonly finishedOn?: string;
  /** `buildkit_…` fields of the run's metadata. */
  readonly extensions: Readonly<Record<string, unknown>>;
}

const texts = v.record(v.string(), v.string());
/** Allow-list: id and `optional` only. If BuildKit ever adds more fields to a secret, they are dropped here. */
const named = v.array(v.object({ id: v.optional(v.string()), optional: v.optional(v.boolean()) }));
const requestShape = {
  frontend: v.optional(v.string()),
  args: v.optional(texts),
  secrets: v.optional(named),
  ssh: v.optional(named),
  locals: v.optional(v.array(v.object({ name: v.string() }))),
};
/** BuildKit 0.2x and later nest the client's request in `root.request`. */
const Request = v.object({
  ...requestShape,
  root: v.optional(v.object({ request: v.optional(v.object(requestShape)) })),
  compatibilityVersion: v.optional(v.union([v.string(), v.number()])),
});
const Dependency = v.object({ uri: v.string(), digest: v.optional(texts) });
const time = v.optional(v.string());

/** docs/attestations/slsa-definitions.md of BuildKit: v0.2, which `--metadata-file` writes. */
const V02 = v.looseObject({
  buildType: v.literal('https://mobyproject.org/buildkit@v1'),
  invocation: v.looseObject({
    configSource: v.optional(
      v.object({ uri: v.optional(v.string()), digest: v.optional(texts), entryPoint: v.optional(v.string()) }),
      {},
    ),
    parameters: Request,
    environment: v.optional(members, {}),
  }),
  buildConfig: v.optional(members),
  materials: v.optional(v.nullable(v.array(Dependency))),
  metadata: v.optional(
    v.looseObject({
      buildInvocationID: v.optional(v.string()),
      buildStartedOn: time,
      buildFinishedOn: time,
      completeness: v.optional(v.object({ parameters: v.optional(v.boolean()), materials: v.optional(v.boolean()) })),
      'https://mobyproject.org/buildkit@v1#hermetic': v.optional(v.boolean()),
      'https://mobyproject.org/buildkit@v1#metadata': v.optional(members),
    }),
    {},
  ),
});

const V1 = v.looseObject({
  buildDefinition: v.looseObject({
    buildType: v.pipe(v.string(), v.minLength(1)),
    externalParameters: v.object({
      configSource: v.optional(
        v.object({ uri: v.optional(v.string()), digest: v.optional(texts), path: v.optional(v.string()) }),
        {},
      ),
      request: Request,
    }),
    internalParameters: v.optional(members, {}),
    resolvedDependencies: v.optional(v.nullable(v.array(Dependency))),
  }),
  runDetails: v.looseObject({
    metadata: v.optional(
      v.looseObject({ invocationId: v.optional(v.string()), startedOn: time, finishedOn: time }),
      {},
    ),
  }),
});

/** BuildKit's SLSA v1 build type, whose fields are written here. */
const BUILD_TYPE = 'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md';
const WHAT = "BuildKit's provenance";

/** @throws TidegateError `evidence` when `value` has neither of BuildKit's two formats */
export function readBuildKit(value: unknown): BuildKitProvenance {
  const build =
    typeof value === 'object' && value !== null && 'buildDefinition' in value ? readV1(value) : readV02(value);
  return withoutCredentials(build);
}

function readV1(value: object): BuildKitProvenance {
  const { buildDefinition, runDetails } = shaped(V1, value, WHAT);
  const { invocationId, startedOn, finishedOn, ...rest } = runDetails.metadata;
  return {
    buildType: buildDefinition.buildType,
    externalParameters: buildDefinition.externalParameters,
    internalParameters: buildDefinition.internalParameters,
    resolvedDependencies: buildDefinition.resolvedDependencies ?? [],
    ...defined({ invocationId, startedOn, finishedOn }),
    extensions: Object.fromEntries(Object.entries(rest).filter(([key]) => key.startsWith('buildkit_'))),
  };
}

/** Converts v0.2 to v1, field by field, as BuildKit does. */
function readV02(value: unknown): BuildKitProvenance {
  const { invocation, buildConfig, materials, metadata } = shaped(V02, value, WHAT);
  const { platform, ...environment } = invocation.environment;
  const { entryPoint, ...config } = invocation.configSource;
  const { completeness } = metadata;
  return {
    buildType: BUILD_TYPE,
    externalParameters: {
      configSource: { ...config, ...defined({ path: entryPoint }) },
      request: invocation.parameters,
    },
    internalParameters: { ...environment, ...defined({ builderPlatform: platform, buildConfig }) },
    resolvedDependencies: materials ?? [],
    ...defined({
      invocationId: metadata.buildInvocationID,
      startedOn: metadata.buildStartedOn,
      finishedOn: metadata.buildFinishedOn,
    }),
    extensions: defined({
      buildkit_hermetic: metadata['https://mobyproject.org/buildkit@v1#hermetic'],
      buildkit_metadata: metadata['https://mobyproject.org/buildkit@v1#metadata'],
      buildkit_completeness: completeness && {
        request: completeness.parameters ?? false,
        resolvedDependencies: completeness.materials ?? false,
      },
    }),
  };
}

/**
 * Removes credentials: remotes are often cloned as https://x-access-token:…@host, and BuildKit records the remote. The
 * token must not be published.
 */
export function withoutUserinfo(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/i, '$1');
}

/** Applies `withoutUserinfo` to every string in a value. */
export function withoutCredentials<T>(value: T): T {
  return stripped(value) as T;
}

function stripped(value: unknown): unknown {
  if (typeof value === 'string') return withoutUserinfo(value);
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, stripped(member)]));
}
