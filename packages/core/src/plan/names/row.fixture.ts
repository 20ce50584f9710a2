/** A name that people really have, and what the plan makes of it. */
export interface NameRow {
  /** What is special about it. */
  readonly about: string;
  /** Default `acme/app`. */
  readonly repository?: string;
  /** Default `ghcr.io/` and the repository, as `ghcr.io/${{ github.repository }}` gives it. */
  readonly image?: string;
  /** `heads/main`, `tags/v1.2.3`, `pull/7/merge`. Default `heads/main`. */
  readonly ref?: string;
  /** Default `push`. */
  readonly event?: 'push' | 'schedule' | 'workflow_dispatch' | 'release' | 'pull_request' | 'workflow_run';
  /** Lines of the input `tags`. */
  readonly rules?: readonly string[];
  readonly latest?: 'true' | 'false';
  readonly publishBranches?: string;
  /** The repository's other git tags. `unknown`: a shallow checkout, and no token to ask with. Default none. */
  readonly others?: readonly string[] | 'unknown';
  /** What GitHub says of the git tag's release. */
  readonly release?: 'pre-release' | 'stable';
  /** Where the ref points by now, if not at this commit. */
  readonly head?: 'elsewhere' | 'gone' | 'unknown';
  readonly attempt?: number;
  /** The image, where it is not the one given. */
  readonly named?: string;
  /** Tags in their order, as they are planned. */
  readonly tags: readonly string[];
  /** Default: where there are tags. */
  readonly publish?: false;
  /** The label `version`; none where undefined. */
  readonly version?: string;
  /** A sentence that the log has, about a tag that is set or not, or about the run. */
  readonly reason: string;
  /** It is not even planned: the error begins so. */
  readonly refused?: true;
}
