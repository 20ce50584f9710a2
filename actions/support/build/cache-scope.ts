import { createHash } from 'node:crypto';
import type { GitState } from '@tidegate/core';
import { isGitContext } from '@tidegate/pipeline';

/** Events that only people with write access to the repository can cause, on a ref of their own choice. */
const TRUSTED_EVENTS = new Set(['push', 'schedule', 'workflow_dispatch']);

/**
 * Whether someone with write access put the built code into the repository. `pull_request_target`, `workflow_run`,
 * `merge_group` and the like run code of others, whatever ref they name.
 */
export function buildsTrustedCode({ event, ref }: GitState): boolean {
  if (ref.kind === 'pull') return false;
  return TRUSTED_EVENTS.has(event.kind) || (event.name === 'release' && ref.kind === 'tag');
}

/**
 * The runs that share one BuildKit cache: layers, cache mounts and uploaded contexts. A run that writes there decides
 * what the others compile from, so no run may read what a less trusted one has written.
 */
export interface CacheScope {
  /** A folder name for each repository, case-insensitive as on GitHub. */
  readonly repository: string;
  /**
   * `publish`: the default branch and git tags. `branch-…`: one other branch, which may publish too. `context-…`: a git
   * URL, whose code is not this repository's. `other`: pull requests and everything else that may run untrusted code.
   */
  readonly runs: string;
}

/** The scope of a run of unknown origin. */
export const UNKNOWN_RUN: CacheScope = { repository: 'unknown', runs: 'other' };

/**
 * Decided by the runner's own data about this run: no input can put a pull request's run where a release reads.
 * @param context the input of that name: a folder of the commit, or a git URL
 */
export function cacheScope(git: GitState, context: string): CacheScope {
  return { repository: folderName(git.repository), runs: runsOf(git, context) };
}

function runsOf(git: GitState, context: string): string {
  const { ref, defaultBranch } = git;
  if (!buildsTrustedCode(git) || ref.kind === 'pull') return 'other';
  // Only the hash: a URL may contain a password.
  if (isGitContext(context)) return `context-${hashOf(context)}`;
  if (ref.kind === 'tag' || ref.name === defaultBranch) return 'publish';
  return `branch-${folderName(ref.name)}`;
}

/** Readable, with a hash that makes it unique for each name. Case is ignored, as on some disks. */
function folderName(name: string): string {
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
  return `${readable}-${hashOf(name.toLowerCase())}`;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
