import { relative } from 'node:path';
import { submoduleCommit, TidegateError } from '@tidegate/core';
import type { Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { checkoutsAround, type FoundCheckout, ownCheckout, ownObjects } from './own-commit.ts';

/**
 * Compare a checkout with the commit of this run before any decision depends on it. On a persistent runner, a job
 * without a checkout finds the work tree of the last job, whose commit may be anybody's; and an image built from
 * another commit would be published under the name of this one.
 *
 * HEAD names the commit that was checked out, not the content of the files: see `assertFilesCommitted`. A submodule
 * passes at the commit that the repository's own commit records for it. Everything outside of a workflow passes, too,
 * and on `pull_request` the head of the pull request: nothing is published there.
 * @param what is read, for the error: `The build context`
 * @param folder its absolute path
 * @returns false if the folder is in no checkout, so that its commit is unknown
 * @throws TidegateError `bad-input`
 */
export async function assertCommitted(what: string, folder: string, job: Job, services: Services): Promise<boolean> {
  if (!job.env.GITHUB_SHA) return true;
  const around = await checkoutsAround(folder, job);
  const [innermost] = around;
  if (!innermost) return false;
  const own = ownCheckout(around, job);
  // The outermost checkout is the one most likely made by actions/checkout.
  if (!own) throw otherCommit(what, around.at(-1) ?? innermost, job);
  for (let at = around.indexOf(own); at > 0; at -= 1) {
    const [outer, inner] = [around[at], around[at - 1]];
    if (outer && inner) await assertRecorded(what, inner, outer, job, services);
  }
  return true;
}

async function assertRecorded(
  what: string,
  inner: FoundCheckout,
  outer: FoundCheckout,
  job: Job,
  services: Services,
): Promise<void> {
  const at = relative(outer.top, inner.top);
  const recorded = await submoduleCommit(ownObjects(outer, '', job, services), at);
  if (recorded === inner.commit) return;
  if (recorded === undefined) throw otherCommit(what, inner, job);
  throw new TidegateError(
    'commit-mismatch',
    `${what} would be read from commit ${inner.commit} of the submodule ${at}, but commit ${outer.commit} records ${recorded}.`,
    {
      next: 'Check out with `submodules: true`, and do not move the submodule afterwards; or commit its new state to this repository.',
    },
  );
}

export function otherCommit(what: string, { commit }: FoundCheckout, job: Job): TidegateError {
  const { GITHUB_SHA: sha = '', GITHUB_EVENT_NAME: event = '' } = job.env;
  return new TidegateError(
    'commit-mismatch',
    `${what} would be read from commit ${commit}, but this run is for commit ${sha} (GITHUB_SHA).`,
    { next: nextFor(event) },
  );
}

function nextFor(event: string): string {
  const checkout = 'Run actions/checkout in this job, without `ref`';
  // GITHUB_SHA of these events is the base's or the default branch's, and `ref` would check out untrusted code.
  if (event === 'pull_request_target' || event === 'workflow_run') {
    return `${checkout}, and use the event pull_request or push to check another commit.`;
  }
  return `${checkout}. To build another ref, start the workflow on it; to build another repository, set the context to https://HOST/OWNER/NAME.git#COMMIT, or make it a submodule.`;
}
