import type { GitState } from '../plan/git-state.ts';
import { AS_IT_IS } from './match.ts';
import type { TagRule } from './rules.ts';
import { releasedVersion } from './version-tags.ts';

/** The rules of `auto` for this event. */
export function ofAuto({ only: tag }: TagRule, git: GitState): readonly TagRule[] {
  const only = tag === undefined ? {} : { only: tag };
  if (git.event.kind === 'pull_request' || git.ref.kind === 'pull') return [{ kind: 'pr', text: 'pr', ...only }];
  if (git.ref.kind === 'branch') {
    const branch: TagRule = { kind: 'branch', naming: AS_IT_IS, text: 'branch', ...only };
    const day: TagRule = { kind: 'schedule', prefix: 'nightly', text: 'schedule', ...only };
    return git.event.kind === 'schedule' ? [day, branch] : [branch];
  }
  if (!releasedVersion(git, AS_IT_IS)) return [{ kind: 'tag', naming: AS_IT_IS, text: 'tag', ...only }];
  return [
    { kind: 'semver', naming: AS_IT_IS, text: 'semver', ...only },
    { kind: 'latest', when: 'auto', text: 'latest', ...only },
  ];
}
