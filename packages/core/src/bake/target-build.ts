/** The build of one target of a bake file, in the terms of the inputs of build-image and of the reusable workflow. */
export interface TargetBuild {
  readonly name: string;
  /** Repositories to publish to, without tags. */
  readonly images: readonly string[];
  /** Folder of the repository, relative to its top: `.`, `services/api`. */
  readonly context: string;
  /** The Dockerfile, relative to the top of the repository. */
  readonly file: string;
  /** Stage to build; empty for the last one. */
  readonly stage: string;
  /** Empty: the default of the workflow. */
  readonly platforms: readonly string[];
  readonly buildArgs: Pairs;
  readonly buildContexts: Pairs;
  readonly labels: Pairs;
  readonly annotations: Pairs;
  readonly cacheFrom: readonly CacheAttributes[];
  readonly cacheTo: readonly CacheAttributes[];
  readonly noCache: boolean;
  readonly noCacheFilters: readonly string[];
  readonly pull: boolean;
  readonly network: string;
  readonly allow: readonly string[];
  readonly addHosts: readonly string[];
  readonly ulimits: readonly string[];
  readonly shmSize: string;
  /** Folders of the repository among the build contexts. */
  readonly localContexts: readonly string[];
  /** Sentences about settings that are replaced. */
  readonly notices: readonly string[];
}

export type Pairs = readonly (readonly [key: string, value: string])[];
/** `type` and the attributes of a cache. */
export type CacheAttributes = Readonly<Record<string, string>>;
