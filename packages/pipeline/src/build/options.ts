import type { Annotations, Platform } from '@tidegate/core';

type Pairs = readonly (readonly [key: string, value: string])[];

/** Which BuildKit builds: one the user runs, or one of our own. */
export type Engine =
  | { readonly kind: 'builder'; readonly name: string }
  | { readonly kind: 'address'; readonly address: string };

/** A BuildKit secret and where its value is; the value itself is in no argument. */
export type BuildSecret =
  | { readonly id: string; readonly kind: 'value'; readonly value: string }
  | { readonly id: string; readonly kind: 'file'; readonly path: string };

export interface BuildOptions {
  /** Relative paths of build contexts, local caches and SSH keys are seen from here. */
  readonly workspace: string;
  /** A folder, or a git URL as BuildKit takes it. */
  readonly context: string;
  /** What provenance calls the context: its path in the repository. Default `context`. */
  readonly shownContext?: string;
  readonly file?: string | undefined;
  /** What reports call the Dockerfile: its path in the repository. Default `file`, or `Dockerfile`. */
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
  /** Variables that buildx needs to reach these caches. Only the one buildx that builds has them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly network: 'default' | 'none' | 'host';
  readonly ulimit: readonly string[];
  readonly shmSize?: string;
  /** Seconds since 1970; undefined leaves the image's times as they fall. */
  readonly sourceDateEpoch?: number | undefined;
  /** Set the times of files in layers to it too: BuildKit then packs every layer a second time. */
  readonly rewriteTimestamp: boolean;
  /** The folder that becomes the image layout. Must not exist. */
  readonly layout: string;
  readonly source?: { readonly uri: string; readonly commit: string; readonly ref?: string };
  /** Who builds, for the provenance: the workflow's URI on a runner. */
  readonly builderId: string;
  readonly invocationId?: string | undefined;
}

/** `https://….git`, `git@…`, `ssh://`, `git://`, or any of these with `#ref:folder`: what BuildKit fetches itself. */
export function isGitContext(context: string): boolean {
  return /^(https?|ssh|git):\/\//.test(context) || /^[\w.-]+@[\w.-]+:/.test(context);
}

/**
 * Whether it is a folder of a git repository: `#ref:folder`, or `subdir=` in its query. With SOURCE_DATE_EPOCH BuildKit
 * wants the time of its commit, and up to 0.32 asks git for it in a folder that it has removed (source/git/source.go):
 * such a build fails.
 */
export function isGitFolder(context: string): boolean {
  return isGitContext(context) && /#[^#:]*:.|[?&]subdir=./.test(context);
}
