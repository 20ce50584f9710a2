import { createHash } from 'node:crypto';
import type { GitState } from '@tidegate/core';
import { isGitContext } from '@tidegate/pipeline';

/** Events that only people with write access to the repository can cause, on a ref of their own choice. */
const TRUSTED_EVENTS = new Set(['push', 'schedule', 'workflow_dispatch']);

/**
 * Whether the code that is built was put into the repository by somebody who may write there. `pull_request_target`,
 * `workflow_run`, `merge_group` and the like run for code of others, whatever ref they name.
 */
export function buildsTrustedCode({ event, ref }: GitState): boolean {
  if (ref.kind === 'pull') return false;
  return TRUSTED_EVENTS.has(event.kind) || (event.name === 'release' && ref.kind === 'tag');
}

/**
 * The runs that share one BuildKit cache: layers, cache mounts and uploaded contexts. Whoever writes there decides what
 * the others compile from, so no run may read what a less trusted one has written.
 */
export interface CacheScope {
  /** A folder name for each repository, without regard to case, as GitHub compares. */
  readonly repository: string;
  /**
   * `publish`: the default branch and git tags. `branch-…`: one other branch, which may publish too. `context-…`: a git
   * URL, whose code is not this repository's. `other`: pull requests and whatever else may run code of strangers.
   */
  readonly runs: string;
}

/** Of a run that says nothing about itself. */
export const UNKNOWN_RUN: CacheScope = { repository: 'unknown', runs: 'other' };

/**
 * Decided by what the runner says of this run: no input can put a pull request's run where a release reads.
 * @param context the input of that name: a folder of the commit, or a git URL
 */
export function cacheScope(git: GitState, context: string): CacheScope {
  return { repository: folderName(git.repository), runs: runsOf(git, context) };
}

function runsOf(git: GitState, context: string): string {
  const { ref, defaultBranch } = git;
  if (!buildsTrustedCode(git) || ref.kind === 'pull') return 'other';
  // By its hash alone: a URL may hold a password.
  if (isGitContext(context)) return `context-${hashOf(context)}`;
  if (ref.kind === 'tag' || ref.name === defaultBranch) return 'publish';
  return `branch-${folderName(ref.name)}`;
}

/** Readable, and by its hash another for each name. Case does not count: on some disks it does not either. */
function folderName(name: string): string {
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
  return `${readable}-${hashOf(name.toLowerCase())}`;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
