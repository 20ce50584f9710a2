import type { Annotations, Platform } from '@tidegate/core';

type Pairs = readonly (readonly [key: string, value: string])[];

/** The BuildKit to build with: one that the user runs, or one that Tidegate starts. */
export type Engine =
  | { readonly kind: 'builder'; readonly name: string }
  | { readonly kind: 'address'; readonly address: string };

/** A BuildKit secret and the location of its value. The value itself is not in any argument. */
export type BuildSecret =
  | { readonly id: string; readonly kind: 'value'; readonly value: string }
  | { readonly id: string; readonly kind: 'file'; readonly path: string };

export interface BuildOptions {
  /** Relative paths of build contexts, local caches and SSH keys are resolved from here. */
  readonly workspace: string;
  /** A folder, or a git URL in BuildKit's syntax. */
  readonly context: string;
  /** Name of the context in provenance: its path in the repository. Default `context`. */
  readonly shownContext?: string;
  readonly file?: string | undefined;
  /** Name of the Dockerfile in reports: its path in the repository. Default `file`, or `Dockerfile`. */
  readonly shownFile?: string;
  readonly target?: string | undefined;
  readonly platforms: readonly Platform[];
  readonly buildArgs: Pairs;
  readonly secrets: readonly BuildSecret[];
  readonly ssh: readonly string[];
  readonly buildContexts: Pairs;
  readonly labels: Pairs;
  readonly annotations: Annotations;
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  /** Environment variables that buildx needs to access these caches. They are passed only to the buildx that builds. */
  readonly environment: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly network: 'default' | 'none' | 'host';
  readonly ulimit: readonly string[];
  readonly shmSize?: string;
  /** Seconds since 1970. If undefined, timestamps of the image are not normalized. */
  readonly sourceDateEpoch?: number | undefined;
  /** Also set the times of files in layers: BuildKit then packs every layer a second time. */
  readonly rewriteTimestamp: boolean;
  /** Folder for the image layout. Must not exist. */
  readonly layout: string;
  readonly source?: { readonly uri: string; readonly commit: string; readonly ref?: string };
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
