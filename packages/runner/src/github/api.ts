import { type Known, known, messageOf, parseRepositoryName, unknown } from '@tidegate/core';
import type { Job } from '../job.ts';

/** Timeout of one exchange with the GitHub API, including the library's own retries. */
const API_TIMEOUT = 15_000;

export interface Api {
  readonly rest: ReturnType<typeof import('@actions/github').getOctokit>['rest'];
  readonly paginate: ReturnType<typeof import('@actions/github').getOctokit>['paginate'];
  /** For URLs that GitHub itself returns. */
  readonly request: ReturnType<typeof import('@actions/github').getOctokit>['request'];
  readonly graphql: ReturnType<typeof import('@actions/github').getOctokit>['graphql'];
  /** The API's base URL. */
  readonly baseUrl: string;
  readonly repo: { readonly owner: string; readonly repo: string };
}

/**
 * Send an optional request to GitHub.
 * @returns the response; or the reason why it is unknown: there is no token, or GitHub did not respond, which is also
 * logged as a notice.
 */
export async function callGitHub<T>(
  job: Job,
  token: string,
  repository: string,
  what: string,
  question: (api: Api) => Promise<T>,
): Promise<Known<T>> {
  if (token === '') return unknown('no GitHub token is set');
  try {
    return known(await withGitHub(job, token, repository, question));
  } catch (error) {
    if (job.signal.aborted) throw job.signal.reason;
    job.log.notice(`GitHub did not return ${what} of ${repository}: ${messageOf(error)}`);
    const status = statusOf(error);
    return unknown(status === undefined ? 'GitHub did not respond' : `GitHub responded with HTTP ${status}`);
  }
}

/** The HTTP status of GitHub's response; undefined without one: octokit calls a refused connection 500. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error) || !('response' in error)) return undefined;
  return typeof error.status === 'number' && error.response !== undefined ? error.status : undefined;
}

/** Loads @actions/github on demand: it is as large as everything else together, and most runs send no request. */
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
  const { rest, paginate, request, graphql } = getOctokit(token, {
    baseUrl,
    request: { signal, fetch: job.network.fetch },
  });
  return work({ rest, paginate, request, graphql, baseUrl, repo: { owner, repo } });
}
