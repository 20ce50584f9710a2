/** A real-world name, and the plan for it. */
export interface NameRow {
  /** Why the name is special. */
  readonly about: string;
  /** Default `acme/app`. */
  readonly repository?: string;
  /** Default `ghcr.io/` and the repository, the value of `ghcr.io/${{ github.repository }}`. */
  readonly image?: string;
  /** `heads/main`, `tags/v1.2.3`, `pull/7/merge`. Default `heads/main`. */
  readonly ref?: string;
  /** Default `push`. */
  readonly event?: 'push' | 'schedule' | 'workflow_dispatch' | 'release' | 'pull_request' | 'workflow_run';
  /** Lines of the input `tags`. */
  readonly rules?: readonly string[];
  readonly latest?: 'true' | 'false';
  readonly publishBranches?: string;
  /** The repository's other git tags. `unknown`: a shallow checkout without a token to query GitHub. Default none. */
  readonly others?: readonly string[] | 'unknown';
  /** GitHub's state of the git tag's release. */
  readonly release?: 'pre-release' | 'stable';
  /** Current target of the ref, if it is not this commit. */
  readonly head?: 'elsewhere' | 'gone' | 'unknown';
  readonly attempt?: number;
  /** The image, if it differs from the given one. */
  readonly named?: string;
  /** Planned tags, in order. */
  readonly tags: readonly string[];
  /** Default: true if there are tags. */
  readonly publish?: false;
  /** The label `version`; undefined: no label. */
  readonly version?: string;
  /** A sentence of the log about a tag that is set or not, or about the run. */
  readonly reason: string;
  /** There is no plan: the error begins with `reason`. */
  readonly refused?: true;
}
