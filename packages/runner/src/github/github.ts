import {
  type About,
  clipped,
  eventKind,
  type GitState,
  type Known,
  makeGitState,
  type RawGitState,
  TidegateError,
  unknown,
} from '@tidegate/core';
import { type Checkout, checkoutAt } from '../git.ts';
import type { Job } from '../job.ts';
import { type Api, callGitHub } from './api.ts';
import { eventAt, valueAt } from './event.ts';
import { type RefFacts, refFacts, releaseOfEvent } from './refs.ts';

/** The token for GitHub: the action's input, else the job's environment, else ''. */
export function githubToken(input: string, env: Readonly<Record<string, string>>): string {
  return input || env.GITHUB_TOKEN || env.GH_TOKEN || '';
}

/**
 * The commit that this job builds and its origin, from the runner's GITHUB_* variables and the event. The rest (date of
 * the commit, all tags, the current commit of the ref) comes from the checkout and, with a token, from the API.
 * @param need `commit`: the data of a build; requests only for the choice of tags are left out. `versions`: all git tags also for a
 * branch
 * @throws TidegateError `bad-input` outside a workflow, and if the default branch is unknown.
 */
export async function gitStateOf(
  job: Job,
  token = '',
  need: 'commit' | 'publication' | 'versions' = 'publication',
): Promise<GitState> {
  const { env, event } = job;
  const checkout = checkoutAt({ folder: job.workspace, env, temp: job.temp, signal: job.signal });
  const sha = required(env, 'GITHUB_SHA');
  const ref = required(env, 'GITHUB_REF');
  const repository = required(env, 'GITHUB_REPOSITORY');
  const name = required(env, 'GITHUB_EVENT_NAME');
  const ask = <T>(what: string, question: (api: Api) => Promise<T>) =>
    callGitHub(job, token, repository, what, question);

  const [{ defaultBranch, about }, commitTime, facts] = await Promise.all([
    repositoryOf(),
    commitTimeOf(),
    need === 'commit' ? {} : factsOf(),
  ]);
  const headRepository = headRepositoryOf(event);
  const pullRequest = pullRequestOf(event);
  const action = eventAt(event, 'action');
  const raw: RawGitState = {
    event: name,
    ref,
    sha,
    defaultBranch,
    repository,
    serverUrl: env.GITHUB_SERVER_URL || undefined,
    commitTime,
    headRepository,
    pullRequest,
    baseRef: eventAt(event, 'pull_request', 'base', 'ref') ?? eventAt(event, 'base_ref'),
    action,
    attempt: attemptOf(env),
    about,
    ...facts,
  };
  return makeGitState(raw);

  async function repositoryOf(): Promise<{ readonly defaultBranch: string; readonly about: About }> {
    const told = eventAt(event, 'repository', 'default_branch');
    if (told) return { defaultBranch: told, about: aboutOf(valueAt(event, 'repository')) };
    // Not every event describes the repository: `schedule` does not.
    const answer = await ask('the repository', async ({ rest, repo }) => (await rest.repos.get(repo)).data);
    if (answer.known) return { defaultBranch: answer.value.default_branch, about: aboutOf(answer.value) };
    // GitHub, "Events that trigger workflows", schedule: it runs on the default branch only.
    const branch = name === 'schedule' ? /^refs\/heads\/(.+)$/.exec(ref)?.[1] : undefined;
    if (branch !== undefined) return { defaultBranch: branch, about: {} };
    throw new TidegateError(
      'default-branch-unknown',
      'The event does not name the default branch of this repository.',
      {
        next: 'Give the action a token that can read the repository, or run it on a push.',
      },
    );
  }

  async function commitTimeOf(): Promise<Date | string | undefined> {
    const local = (await checkout.commitTime(sha)) ?? headCommitTime(event, sha);
    if (local !== undefined) return local;
    const answer = await ask('the date of the commit', async ({ rest, repo }) => {
      return (await rest.git.getCommit({ ...repo, commit_sha: sha })).data.committer.date;
    });
    return answer.known ? answer.value : undefined;
  }

  /** Nothing of a pull request is published, whatever its ref, so nothing more is needed. */
  async function factsOf(): Promise<Partial<RefFacts>> {
    if (eventKind(name) === 'pull_request' || !/^refs\/(heads|tags)\//.test(ref)) return {};
    const facts = await refFacts(job, token, repository, ref, need === 'versions');
    return {
      head: facts.head,
      tags: await tagsOf(facts.tags, ref, checkout, sha),
      release: name === 'release' ? releaseOfEvent(valueAt(event, 'release', 'prerelease')) : facts.release,
    };
  }
}

/** GitHub knows all tags; so does a full checkout of this commit, unless it was made without tags. */
async function tagsOf(asked: Known<readonly string[]>, ref: string, checkout: Checkout, sha: string) {
  if (asked.known || !ref.startsWith('refs/tags/')) return asked;
  const own = await checkout.tags(sha);
  if (own.known && !own.value.includes(ref.slice('refs/tags/'.length))) {
    return unknown(`the checkout has no tags and ${asked.why}`);
  }
  return own.known ? own : unknown(`${own.why} and ${asked.why}`);
}

/** From an event's repository or the API's. GitHub returns NOASSERTION for a licence that it does not recognise. */
function aboutOf(repository: unknown): About {
  const description = textAt(repository, 'description')
    ?.replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  const license = textAt(repository, 'license', 'spdx_id');
  return {
    description: description ? clipped(description, LONGEST_DESCRIPTION) : undefined,
    license: license && license !== 'NOASSERTION' && /^[A-Za-z0-9.+-]{1,64}$/.test(license) ? license : undefined,
  };
}

/** GitHub allows 350 characters. */
const LONGEST_DESCRIPTION = 512;

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** Forges that do not count attempts do not repeat runs either. */
function attemptOf(env: Job['env']): number {
  return /^[1-9][0-9]{0,5}$/.test(env.GITHUB_RUN_ATTEMPT ?? '') ? Number(env.GITHUB_RUN_ATTEMPT) : 1;
}

/** From a push event. Used only for the commit that is built: a payload's head may be another one. */
function headCommitTime(event: Job['event'], sha: string): string | undefined {
  return eventAt(event, 'head_commit', 'id') === sha ? eventAt(event, 'head_commit', 'timestamp') : undefined;
}

/** The repository of the code of a pull request, or of the run that triggered a workflow_run. '' if it was deleted. */
function headRepositoryOf(event: Job['event']): string | undefined {
  if (valueAt(event, 'pull_request') !== undefined)
    return eventAt(event, 'pull_request', 'head', 'repo', 'full_name') ?? '';
  if (valueAt(event, 'workflow_run') !== undefined)
    return eventAt(event, 'workflow_run', 'head_repository', 'full_name') ?? '';
  return undefined;
}

/** The number of the pull request of the event. */
export function pullRequestOf(event: Job['event']): number | undefined {
  return numberAt(event, 'pull_request', 'number');
}

function required(env: Job['env'], name: string): string {
  const value = env[name];
  if (value) return value;
  throw new TidegateError('not-a-workflow', `${name} is not set: this does not run in a GitHub workflow.`, {
    next: `Set ${name} to the value that a GitHub runner sets.`,
  });
}

function numberAt(event: Job['event'], ...path: readonly string[]): number | undefined {
  const value = valueAt(event, ...path);
  return typeof value === 'number' ? value : undefined;
}
