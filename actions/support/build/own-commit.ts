import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type CommitObjects, TidegateError } from '@tidegate/core';
import { type CommittedSources, commitObjects, committedSources, gitObjects, type Services } from '@tidegate/pipeline';
import { checkoutAt, githubCommit, githubToken, type Job, pullRequestHead } from '@tidegate/runner';

/** A checkout below the workspace, and the commit that its HEAD names. */
export interface FoundCheckout {
  readonly commit: string;
  /** With symbolic links resolved. */
  readonly top: string;
}

/**
 * The checkouts around a folder, the innermost first: of a submodule, and of the repository around it. A repository
 * that git finds above the workspace does not belong to this run.
 */
export async function checkoutsAround(folder: string, job: Job): Promise<readonly FoundCheckout[]> {
  const { env, temp, signal } = job;
  const workspace = await realpath(job.workspace);
  const found: FoundCheckout[] = [];
  for (let from = await innermostFolder(folder); ; ) {
    const head = await checkoutAt({ folder: from, env, temp, signal }).head();
    if (head === undefined || isWrittenOutside(head.top, workspace)) return found;
    found.push(head);
    if (head.top === workspace) return found;
    from = dirname(head.top);
  }
}

/**
 * git does not start in a folder that does not exist, or in a file: a misspelt path is in the checkout of the folder
 * around it, and a later step reports what is wrong with it.
 */
async function innermostFolder(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found?.isDirectory() || at === dirname(at)) return at;
  }
}

/** Whether HEAD may name this commit: GITHUB_SHA, or the head of a pull request, where nothing is published. */
function isOwn(commit: string, job: Job): boolean {
  if (commit === job.env.GITHUB_SHA) return true;
  return job.env.GITHUB_EVENT_NAME === 'pull_request' && commit === pullRequestHead(job.event);
}

/** The checkout of this run's commit among those around a folder. */
export function ownCheckout(around: readonly FoundCheckout[], job: Job): FoundCheckout | undefined {
  return around.find(({ commit }) => isOwn(commit, job));
}

/** By the text of the paths: links are not followed, and neither path has to be there. */
export function isWrittenOutside(path: string, folder: string): boolean {
  return /^\.\.(\/|$)/.test(relative(folder, path));
}

/** For messages. */
export function commitNamed(commit: string, job: Job): string {
  return `commit ${commit}${commit === job.env.GITHUB_SHA ? ' (GITHUB_SHA)' : ''}`;
}

/** actions/checkout writes nothing outside of the workspace or below RUNNER_TEMP. */
export function isInWorkspace(path: string, job: Job): boolean {
  return !isWrittenOutside(path, job.workspace) && isWrittenOutside(path, job.temp);
}

/**
 * The sources of this run's commit, for rules that read many files.
 * @param folder that is built; the workspace replaces a folder that is outside of it
 * @returns undefined outside of a workflow, and if the workspace has no checkout of the commit
 */
export async function ownSources(
  folder: string,
  token: string,
  job: Job,
  services: Services,
): Promise<CommittedSources | undefined> {
  if (!job.env.GITHUB_SHA) return undefined;
  const from = isWrittenOutside(folder, job.workspace) ? job.workspace : folder;
  const own = ownCheckout(await checkoutsAround(from, job), job);
  if (!own) return undefined;
  const at = relative(await realpath(job.workspace), own.top);
  const place = { top: own.top, root: job.workspace, prefix: at === '' ? '' : `${at}/` };
  return committedSources(ownObjects(own, token, job, services), place, services);
}

/**
 * The objects of this run's commit: from the checkout, and missing ones from GitHub. The objects of its submodules come
 * from the checkout only.
 * @param token the value of the input
 * @throws TidegateError if an object is in neither
 */
export function ownObjects(
  checkout: FoundCheckout | undefined,
  token: string,
  job: Job,
  services: Services,
): CommitObjects {
  const { GITHUB_SHA: sha = '', GITHUB_REPOSITORY: repository = '' } = job.env;
  const commit = checkout?.commit ?? sha;
  const known = githubToken(token, job.env);
  const remote = known && repository && commit === sha ? githubCommit(job, known) : undefined;
  const local = checkout && gitObjects({ folder: checkout.top }, services);
  const missing = () =>
    new TidegateError(
      'commit-missing',
      `The ${commitNamed(commit, job)} cannot be read: it is in no checkout, and no token can read it from GitHub.`,
      {
        next: 'Run actions/checkout in this job with git installed, or pass the step a token with `contents: read`.',
      },
    );
  const objects = commitObjects(commit, local, remote, missing);
  return checkout ? withSubmodules(objects, checkout.top, services) : objects;
}

function withSubmodules(objects: CommitObjects, top: string, services: Services): CommitObjects {
  return remembered({
    ...objects,
    submodule(at, commit) {
      const folder = join(top, at);
      const missing = () =>
        new TidegateError('commit-missing', `Commit ${commit} of the submodule ${at} is not in the checkout.`, {
          next: 'Check out with `submodules: true`, or `recursive` (an input of actions/checkout and of the reusable workflow).',
        });
      return withSubmodules(
        commitObjects(commit, gitObjects({ folder }, services), undefined, missing),
        folder,
        services,
      );
    },
  });
}

/** Each object is read once: the files in question are in the same folders. */
function remembered(objects: CommitObjects): CommitObjects {
  const kept = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const known = (kept.get(key) as Promise<T> | undefined) ?? read();
    kept.set(key, known);
    return known;
  };
  return {
    ...objects,
    root: () => once('root', () => objects.root()),
    tree: (id) => once(`tree ${id}`, () => objects.tree(id)),
  };
}
