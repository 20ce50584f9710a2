import { type ActionSpec, commentingFailure, type Job } from '@tidegate/runner';

interface CommentInputs {
  readonly comment: boolean;
  readonly token: string;
}

/** Display name of an image whose repository is not known yet. */
export function nameOf({ env }: Job): string {
  return env.GITHUB_REPOSITORY ?? 'image';
}

/**
 * Run a step before `scan-image`. If it fails, the comment of an earlier run must not stay: a later step that would
 * replace it does not run.
 */
export function commentingOwnFailure<T>(
  action: ActionSpec,
  { comment, token }: CommentInputs,
  job: Job,
  work: () => Promise<T>,
): Promise<T> {
  const image = nameOf(job);
  return commentingFailure({ action, image, token, isWanted: comment, isReported: () => false }, job, work);
}
