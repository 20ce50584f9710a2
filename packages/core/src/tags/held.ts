import type { GitState } from '../plan/git-state.ts';

/**
 * Why a stable version moves no tag that several versions share; undefined if it may.
 * @param gitTag whose release on GitHub counts; undefined for a version that is not this run's git tag
 */
export function whyHeld({ tags, release }: GitState, gitTag: string | undefined): string | undefined {
  if (gitTag !== undefined && release.known && release.value === 'pre-release') {
    return `GitHub marks the release of ${gitTag} as a pre-release`;
  }
  return tags.known ? undefined : `the other git tags are not known, because ${tags.why}`;
}
