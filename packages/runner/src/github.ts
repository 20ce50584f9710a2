import { type GitState, makeGitState, type RawGitState, TidegateError } from '@tidegate/core';
import { eventAt, valueAt } from './event.ts';
import { checkoutAt } from './git.ts';
import { type Api, askGitHub } from './github-api.ts';
import type { Job } from './job.ts';

/** The token to speak to GitHub with: the action's input, else what the job's environment offers, else ''. */
export function githubToken(input: string, env: Readonly<Record<string, string>>): string {
  return input || env.GITHUB_TOKEN || env.GH_TOKEN || '';
}

/**
 * The commit this job builds and why, from the runner's GITHUB_* variables and the event. What they do not say (date of
 * the commit, all tags, the default branch on a schedule) comes from the checkout, else from the API when a token is given.
 * @throws TidegateError `bad-input` outside a workflow, and where the default branch cannot be learned.
 */
export async function gitStateOf(job: Job, token = ''): Promise<GitState> {
  const { env, event } = job;
  const checkout = checkoutAt({ folder: job.workspace, env, temp: job.temp, signal: job.signal });
  const sha = required(env, 'GITHUB_SHA');
  const ref = required(env, 'GITHUB_REF');
  const repository = required(env, 'GITHUB_REPOSITORY');
  const ask = <T>(what: string, question: (api: Api) => Promise<T>) =>
    askGitHub(job, token, repository, what, question);

  const defaultBranch =
    eventAt(event, 'repository', 'default_branch') ||
    (await ask('the default branch', async ({ rest, repo }) => (await rest.repos.get(repo)).data.default_branch));
  if (!defaultBranch) {
    throw new TidegateError('bad-input', 'The default branch of this repository is not known from the event.', {
      next: 'Give the action a token that may read the repository, or run it on a push.',
    });
  }
  const [commitTime, knownTags] = await Promise.all([
    commitTimeOf(),
    ref.startsWith('refs/tags/') ? tagsOf() : Promise.resolve(undefined),
  ]);
  const headRepository = headRepositoryOf(event);
  const pullRequest = pullRequestOf(event);
  const raw: RawGitState = {
    event: required(env, 'GITHUB_EVENT_NAME'),
    ref,
    sha,
    defaultBranch,
    repository,
    ...(env.GITHUB_SERVER_URL ? { serverUrl: env.GITHUB_SERVER_URL } : {}),
    ...(commitTime === undefined ? {} : { commitTime }),
    ...(headRepository === undefined ? {} : { headRepository }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(knownTags === undefined ? {} : { knownTags }),
  };
  return makeGitState(raw);

  async function commitTimeOf(): Promise<Date | string | undefined> {
    return (
      (await checkout.commitTime(sha)) ??
      headCommitTime(event, sha) ??
      (await ask('the date of the commit', async ({ rest, repo }) => {
        return (await rest.git.getCommit({ ...repo, commit_sha: sha })).data.committer.date;
      }))
    );
  }

  async function tagsOf(): Promise<readonly string[] | undefined> {
    return (await checkout.tags()) ?? (await ask('the tags', listTags));
  }
}

async function listTags({ rest, paginate, repo }: Api): Promise<string[]> {
  const refs = await paginate(rest.git.listMatchingRefs, { ...repo, ref: 'tags/', per_page: 100 });
  return refs.map((entry) => entry.ref.replace(/^refs\/tags\//, ''));
}

/** Of a push event. Kept to the commit that is built: a payload's head may be another one. */
function headCommitTime(event: Job['event'], sha: string): string | undefined {
  return eventAt(event, 'head_commit', 'id') === sha ? eventAt(event, 'head_commit', 'timestamp') : undefined;
}

/** Where the code of a pull request, or of the run that a workflow_run speaks of, comes from. '' when that is gone. */
function headRepositoryOf(event: Job['event']): string | undefined {
  if (valueAt(event, 'pull_request') !== undefined)
    return eventAt(event, 'pull_request', 'head', 'repo', 'full_name') ?? '';
  if (valueAt(event, 'workflow_run') !== undefined)
    return eventAt(event, 'workflow_run', 'head_repository', 'full_name') ?? '';
  return undefined;
}

/** The number of the pull request that the event is about. */
export function pullRequestOf(event: Job['event']): number | undefined {
  return numberAt(event, 'pull_request', 'number');
}

function required(env: Job['env'], name: string): string {
  const value = env[name];
  if (value) return value;
  throw new TidegateError('bad-input', `${name} is not set: this does not run in a GitHub workflow.`, {
    next: `Set ${name} as a GitHub runner does.`,
  });
}

function numberAt(event: Job['event'], ...path: readonly string[]): number | undefined {
  const value = valueAt(event, ...path);
  return typeof value === 'number' ? value : undefined;
}
