import { known } from '../known.ts';
import type { GitState } from '../plan/git-state.ts';
import { subjectOf } from './decision.ts';

/**
 * Why this run may set no tag except the commit's own, as half a sentence: the branch or git tag points elsewhere now,
 * so all its tags would move back. Anybody with write access can start a run of an old commit with "Re-run jobs".
 *
 * If GitHub cannot tell, a first attempt is trusted, and a repeated one of a branch is not: the commit of a git tag
 * hardly ever changes, and versions are compared with each other anyway.
 * @param decided the attempt in which another job checked
 */
export function whySuperseded(git: GitState, decided?: number): string | undefined {
  const { event, ref, head, sha, attempt } = git;
  if (event.kind === 'pull_request' || ref.kind === 'pull') return undefined;
  const subject = subjectOf(git);
  if (head.known) {
    if (head.value === sha) return undefined;
    if (head.value === undefined) return `${subject} no longer exists`;
    return `${subject} is at commit ${head.value.slice(0, 12)} by now, and this run is for ${sha.slice(0, 12)}`;
  }
  if (attempt === 1 || attempt === decided || ref.kind === 'tag') return undefined;
  return `this is attempt ${attempt} of the run, and whether ${subject} still is at commit ${sha.slice(0, 12)} is not known, because ${head.why}`;
}

/**
 * The state for a rule that `plan` decided on earlier in this attempt: facts that cannot be queried any more were known
 * then. A job that is re-run later is another attempt, and does not rely on them.
 */
export function asDecided(git: GitState, decided: number | undefined): GitState {
  if (git.tags.known || decided !== git.attempt) return git;
  return { ...git, tags: known([]), release: git.release.known ? git.release : known('none') };
}
