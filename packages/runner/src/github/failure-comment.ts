import { type CommentedRun, failureComment } from '@tidegate/core';
import { explain, isVerdict } from '../failure.ts';
import type { ActionSpec } from '../inputs/schema.ts';
import type { Job } from '../job.ts';
import { pullRequestHead } from './event.ts';
import { commentOnPullRequest } from './publish-report.ts';

interface Commented {
  readonly action: ActionSpec;
  /** Display name of the image, which finds an earlier comment again. */
  readonly image: string;
  readonly token: string;
  /** Whether the user wants a comment. */
  readonly isWanted: boolean;
  /** The image has a verdict, which is in the job summary. */
  readonly isReported: () => boolean;
}

/**
 * Run `work`. If it fails for another reason than its verdict, the comment says so, and whether the image was checked: an
 * earlier "passed" must not stay. A cancelled run has no time for requests.
 */
export async function commentingFailure<T>(
  { action, image, isReported, isWanted, token }: Commented,
  job: Job,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isWanted && !job.signal.aborted && !(isVerdict(error) && isReported())) {
      const { entry, message, next } = explain(error, action, job.env);
      const failure = { ...job.redacted({ title: entry.title, message, next }), isChecked: isReported() };
      await commentOnPullRequest(job, token, image, failureComment(image, failure, commentedRun(job)));
    }
    throw error;
  }
}

/** The commit and the page of this run. */
export function commentedRun({ env, event }: Job): CommentedRun {
  const { GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, GITHUB_SERVER_URL: server, GITHUB_SHA: sha = '' } = env;
  const url = server && repository && run ? `${server}/${repository}/actions/runs/${run}` : '';
  // GITHUB_SHA of a pull request is a merge commit that nobody has seen.
  return { commit: pullRequestHead(event) ?? sha, url };
}
