import { realpath } from 'node:fs/promises';
import { relative } from 'node:path';
import { TidegateError } from '@tidegate/core';
import { eventAt } from './event.ts';
import { checkoutAt } from './git.ts';
import type { Job } from './job.ts';

/**
 * Hold the work tree to the commit that this run is for, before a decision is read from it. On a runner that is kept
 * between jobs, a job without a checkout finds the work tree of the last job, whose commit may be anybody's; and what is
 * built from another commit would be published under the name of this one.
 *
 * Passes outside of a workflow, where the workspace is not a checkout (actions/checkout without git leaves none), and on
 * `pull_request` for the head of the pull request as well: nothing is published there.
 * @param what is read, for the error: `The build context`
 * @param folder where it lies, absolute
 * @throws TidegateError `bad-input`
 */
export async function assertCommitted(what: string, folder: string, job: Job): Promise<void> {
  const { GITHUB_SHA: commit = '', GITHUB_EVENT_NAME: event = '' } = job.env;
  if (!commit) return;
  const { workspace, env, temp, signal } = job;
  const { top = '', commit: head } = (await checkoutAt({ folder, env, temp, signal }).head()) ?? {};
  // git also looks above the folder: what it finds above the workspace is none of this run's business.
  const isWithin = !relative(await realpath(workspace), top).startsWith('..');
  if (head === undefined || head === commit || !isWithin) return;
  if (event === 'pull_request' && head === eventAt(job.event, 'pull_request', 'head', 'sha')) return;
  throw new TidegateError(
    'bad-input',
    `${what} would be read from commit ${head}, and this run is for commit ${commit} (GITHUB_SHA).`,
    { next: nextFor(event) },
  );
}

function nextFor(event: string): string {
  const checkout = 'Run actions/checkout in this job, without `ref`';
  // Their GITHUB_SHA is the base's or the default branch's, so that `ref` is how they get at a stranger's code.
  if (event === 'pull_request_target' || event === 'workflow_run') {
    return `${checkout}, and use the event pull_request or push to check another commit.`;
  }
  return `${checkout}. To build another ref, start the workflow on it; to build another repository, name it as context: https://HOST/OWNER/NAME.git#COMMIT.`;
}
