/** For tests: commits as tag rules see them. */

import { known } from '../known.ts';
import { type GitState, makeGitState, type RawGitState } from '../plan/git-state.ts';
import { planTags, type TagOptions } from './plan-tags.ts';

export const NOW = new Date('2026-11-24T23:30:00Z');
export const SHA = '0123456789abcdef0123456789abcdef01234567';
export const OTHER = 'f'.repeat(40);

export function git(over: Partial<RawGitState>): GitState {
  return makeGitState({
    event: 'push',
    ref: 'refs/heads/main',
    sha: SHA,
    defaultBranch: 'main',
    repository: 'acme/app',
    head: known(SHA),
    ...over,
  });
}

/** A git tag of a repository with known other tags. */
export const onTag = (name: string, others: readonly string[] = [], over: Partial<RawGitState> = {}) =>
  git({ ref: `refs/tags/${name}`, tags: known([name, ...others]), release: known('none'), ...over });
export const onBranch = (name: string, over: Partial<RawGitState> = {}) => git({ ref: `refs/heads/${name}`, ...over });
export const onPull = (over: Partial<RawGitState> = {}) =>
  git({ event: 'pull_request', ref: 'refs/pull/7/merge', ...over });

export function tagsOf(state: GitState, options: Partial<TagOptions> = {}): readonly string[] {
  return planTags(state, { now: NOW, ...options }).tags.map(({ tag }) => tag);
}

/** Why a tag is set, or is not. */
export function reasonOf(tag: string, state: GitState, options: Partial<TagOptions> = {}): string | undefined {
  const { tags, left } = planTags(state, { now: NOW, ...options });
  return tags.find((one) => one.tag === tag)?.reason ?? left.find(({ subject }) => subject === tag)?.reason;
}
