import { type Known, known, messageOf, parseRepositoryName, unknown } from '@tidegate/core';
import type { Job } from '../job.ts';

/** How long one exchange with the GitHub API may take, its retries of the library's own included. */
const API_TIMEOUT = 15_000;

export interface Api {
  readonly rest: ReturnType<typeof import('@actions/github').getOctokit>['rest'];
  readonly paginate: ReturnType<typeof import('@actions/github').getOctokit>['paginate'];
  /** For addresses that GitHub names itself. */
  readonly request: ReturnType<typeof import('@actions/github').getOctokit>['request'];
  /** The API's own address. */
  readonly baseUrl: string;
  readonly repo: { readonly owner: string; readonly repo: string };
}

/**
 * Ask GitHub something that a run can do without.
 * @returns what it answers; or why that is not known: without a token, and where GitHub does not answer, which is then
 * a notice too.
 */
export async function callGitHub<T>(
  job: Job,
  token: string,
  repository: string,
  what: string,
  question: (api: Api) => Promise<T>,
): Promise<Known<T>> {
  if (token === '') return unknown('no token was given to ask GitHub');
  try {
    return known(await withGitHub(job, token, repository, question));
  } catch (error) {
    if (job.signal.aborted) throw job.signal.reason;
    job.log.notice(`GitHub did not return ${what} of ${repository}: ${messageOf(error)}`);
    const status = statusOf(error);
    return unknown(status === undefined ? 'GitHub did not answer' : `GitHub answered with HTTP ${status}`);
  }
}

/** The HTTP status that GitHub answered with; undefined where it did not: octokit calls a refused connection 500. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error) || !('response' in error)) return undefined;
  return typeof error.status === 'number' && error.response !== undefined ? error.status : undefined;
}

/** Loads @actions/github only now: it is as large as everything else together, and most runs never ask. */
export async function withGitHub<T>(
  job: Job,
  token: string,
  repository: string,
  work: (api: Api) => Promise<T>,
  timeout = API_TIMEOUT,
): Promise<T> {
  const { owner, name: repo } = parseRepositoryName(repository, 'GITHUB_REPOSITORY');
  const signal = AbortSignal.any([job.signal, AbortSignal.timeout(timeout)]);
  const { getOctokit } = await import('@actions/github');
  const baseUrl = job.env.GITHUB_API_URL || 'https://api.github.com';
  const { rest, paginate, request } = getOctokit(token, { baseUrl, request: { signal, fetch: job.network.fetch } });
  return work({ rest, paginate, request, baseUrl, repo: { owner, repo } });
}
