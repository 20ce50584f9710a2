import type { BuildRunners } from '@tidegate/attest';
import type { Annotations, Digest, OneOrMore, Platform } from '@tidegate/core';
import type { Target } from '../target.ts';

type Pairs = readonly (readonly [key: string, value: string])[];

/** A machine with BuildKit, and the platforms of this build that it builds. */
export interface BuilderNode {
  readonly platforms: OneOrMore<Platform>;
  /** `tcp://host:port` or `unix:///path`. Undefined: a pod that buildx starts in a Kubernetes cluster for this build. */
  readonly address?: string | undefined;
}

/** PEM texts with which a client and the nodes prove themselves to each other. */
export interface NodeTls {
  readonly ca: string;
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
}

/** Things that are created for one build. */
export interface CreatedNodes {
  /** buildx's configuration, with keys. */
  readonly folder: string;
  /** Names of builders with pods in a cluster. */
  readonly pods: readonly string[];
}

export interface NodesEngine {
  readonly kind: 'nodes';
  readonly nodes: OneOrMore<BuilderNode>;
  /** For addresses with `tcp:`. */
  readonly tls?: NodeTls | undefined;
  /** Options of buildx's kubernetes driver, for nodes without an address. */
  readonly driverOptions: Pairs;
  /** Variables that buildx needs to reach the cluster. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called before anything is created: if this process is killed meanwhile, another one must be able to remove it. */
  readonly onCreate: (created: CreatedNodes) => void;
}

/** The BuildKit to build with: one that the user runs, several on other machines, or one that Tidegate starts. */
export type Engine =
  | { readonly kind: 'builder'; readonly name: string }
  | { readonly kind: 'address'; readonly address: string }
  | NodesEngine;

/** A BuildKit secret and the location of its value. The value itself is not in any argument. */
export type BuildSecret =
  | { readonly id: string; readonly kind: 'value'; readonly value: string }
  | { readonly id: string; readonly kind: 'file'; readonly path: string };

interface Compression {
  readonly type: 'gzip' | 'zstd' | 'estargz';
  /** 0 to 9 for gzip and estargz, 0 to 22 for zstd. Default: BuildKit's. */
  readonly level?: number | undefined;
  /** Also recompress layers of base images and of caches that have another compression. */
  readonly isForced: boolean;
}

type BuildCache = Pick<BuildOptions, 'cacheFrom' | 'cacheTo' | 'environment'>;

/** A stage that is exported as files, beside the image. */
export interface BuildOutput {
  /** Name of its provenance: `binaries`. */
  readonly name: string;
  readonly target: string;
  readonly type: 'local' | 'tar';
  /** Absolute path of the folder, which is empty or missing, or of the archive, which is missing. */
  readonly dest: string;
  /** Its path in reports. */
  readonly shown: string;
  /** Name of the archive. */
  readonly fileName: string;
}

/** A second build of the image without cache. */
export interface SecondBuild {
  readonly runners: BuildRunners;
  /** The image of another job: this build is the second one. Default: build twice. */
  readonly first?: Target | undefined;
}

export interface BuildOptions {
  /** Relative paths of build contexts, local caches and SSH keys are resolved from here. */
  readonly workspace: string;
  /** A folder, or a git URL in BuildKit's syntax. */
  readonly context: string;
  /** Name of the context in provenance: its path in the repository. Default `context`. */
  readonly shownContext?: string | undefined;
  readonly file?: string | undefined;
  /** Name of the Dockerfile in reports: its path in the repository. Default `file`, or `Dockerfile`. */
  readonly shownFile?: string;
  readonly target?: string | undefined;
  readonly platforms: readonly Platform[];
  readonly buildArgs: Pairs;
  readonly secrets: readonly BuildSecret[];
  readonly ssh: readonly string[];
  readonly buildContexts: Pairs;
  /** A build context that another job made: the name is one of `buildContexts`, the digest that of its archive. */
  readonly artifact?: { readonly name: string; readonly digest: Digest } | undefined;
  readonly labels: Pairs;
  readonly annotations: Annotations;
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  /** Environment variables that buildx needs to access these caches. They are passed only to the buildx that builds. */
  readonly environment: Readonly<Record<string, string>>;
  /** The same for one platform, which is built on a machine of its own. */
  readonly cacheOf?: ((platform: Platform) => BuildCache) | undefined;
  readonly noCache: boolean;
  /** Stages that are built without the cache. Not together with `noCache`. */
  readonly noCacheFilters?: readonly string[] | undefined;
  readonly pull: boolean;
  readonly network: 'default' | 'none' | 'host';
  /** Lines of /etc/hosts in RUN steps: `NAME:IP` or `NAME=IP`. */
  readonly addHosts?: readonly string[] | undefined;
  /** Mirrors that our own BuildKit uses, by registry; for the provenance. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly ulimit: readonly string[];
  readonly shmSize?: string | undefined;
  /** Privileges that steps may request: `security.insecure`, `device=NAME`. The policy has allowed them. */
  readonly allow?: readonly string[] | undefined;
  /** The cgroup below which RUN steps run. */
  readonly cgroupParent?: string | undefined;
  /** Seconds since 1970. If undefined, timestamps of the image are not normalized. */
  readonly sourceDateEpoch?: number | undefined;
  /** Also set the times of files in layers: BuildKit then packs every layer a second time. */
  readonly rewriteTimestamp: boolean;
  /** Compression of layers. Default: BuildKit's, which is gzip, and layers of the base as they are. */
  readonly compression?: Compression | undefined;
  /** How often a build is repeated that failed because of a registry or the network. Default 0. */
  readonly retries?: number | undefined;
  /** Compare two builds, and record whether the digest is the same. Default: build once. */
  readonly second?: SecondBuild | undefined;
  /** Stages that are also exported as files. */
  readonly outputs?: readonly BuildOutput[] | undefined;
  /** Folder for the image layout. Must not exist. */
  readonly layout: string;
  readonly source?: { readonly uri: string; readonly commit: string; readonly ref?: string } | undefined;
  /** Builder id for the provenance: the workflow's URI on a runner. */
  readonly builderId: string;
  readonly invocationId?: string | undefined;
}

/**
 * Whether BuildKit fetches the context itself: `https://….git`, `git@…`, `ssh://`, `git://`, or any of these with
 * `#ref:folder`.
 */
export function isGitContext(context: string): boolean {
  return /^(https?|ssh|git):\/\//.test(context) || /^[\w.-]+@[\w.-]+:/.test(context);
}

/**
 * Whether the context is a folder of a git repository: `#ref:folder`, or `subdir=` in its query. With SOURCE_DATE_EPOCH
 * BuildKit needs the time of its commit, and up to 0.32 it runs git in a folder that it has already removed
 * (source/git/source.go): such a build fails.
 */
export function isGitFolder(context: string): boolean {
  return isGitContext(context) && /#[^#:]*:.|[?&]subdir=./.test(context);
}
