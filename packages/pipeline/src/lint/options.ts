import type { TidegateError } from '@tidegate/core';
import type { SourceFinding, SourceRuleSettings } from '@tidegate/source';
import type { Builder } from '../build/builder.ts';
import type { Services } from '../services.ts';
import type { CommittedSources } from './committed-sources.ts';

export interface LintOptions {
  /** The repository's folder, absolute. */
  readonly root: string;
  /** Relative to the root. Default: every Dockerfile in the repository. */
  readonly dockerfiles?: readonly string[] | undefined;
  /**
   * Folders and files to check, absolute. Default: the whole repository. If no rule applies to a file, a note says so.
   */
  readonly paths?: readonly string[] | undefined;
  /** Build context of the Dockerfiles, absolute. Default: the folder of each Dockerfile. */
  readonly context?: string | undefined;
  readonly target?: string | undefined;
  readonly buildArgs: readonly (readonly [string, string])[];
  readonly buildContexts: readonly (readonly [string, string])[];
  readonly settings: SourceRuleSettings;
  /** If set, also run BuildKit's own checks with this builder. */
  readonly builder?: ((services: Services) => Promise<Builder>) | undefined;
  /** If set, also run hadolint: path of the program. */
  readonly hadolint?: string | undefined;
  /** The files of the commit, which are checked in a workflow instead of the work tree. Absent: the work tree. */
  readonly committed?: CommittedSources | undefined;
}

export interface LintReport {
  /** By file and line. A problem that several checkers find is listed once. */
  readonly findings: readonly SourceFinding[];
  /** Number of findings that are suppressed by a comment with a reason. */
  readonly ignored: number;
  /** Number of files that were checked. JSON files without a manifest are not counted. */
  readonly dockerfiles: number;
  readonly others: number;
  /** Why a requested checker (BuildKit, hadolint) failed. The findings of the rules are valid regardless. */
  readonly failed?: TidegateError | undefined;
}
