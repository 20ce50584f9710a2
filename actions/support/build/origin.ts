import type { GitState } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/** The builder and verifier for provenance and verdict: the workflow on a runner. */
export function builderId(job: Job): string {
  const { GITHUB_SERVER_URL: server, GITHUB_WORKFLOW_REF: workflow } = job.env;
  return server && workflow ? `${server}/${workflow}` : 'urn:tidegate:local';
}

/** URI of this attempt of this run; undefined outside a runner. */
export function invocationId(job: Job): string | undefined {
  const {
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
    GITHUB_RUN_ATTEMPT: attempt,
  } = job.env;
  return server && repository && run
    ? `${server}/${repository}/actions/runs/${run}/attempts/${attempt ?? '1'}`
    : undefined;
}

const REF = { branch: 'refs/heads/', tag: 'refs/tags/' } as const;

export function sourceOf(git: GitState): { uri: string; commit: string; ref: string } {
  const ref = git.ref.kind === 'pull' ? `refs/pull/${git.ref.number}/merge` : `${REF[git.ref.kind]}${git.ref.name}`;
  return { uri: `${git.serverUrl}/${git.repository}`, commit: git.sha, ref };
}

/**
 * Timestamp of the image in seconds since 1970: the input, else the commit's time; undefined for `none` or an unknown
 * time.
 */
export function sourceDateEpoch(input: string, git: GitState): number | undefined {
  if (input === 'none') return undefined;
  if (input !== '') return Number(input);
  return git.commitTime ? Math.floor(git.commitTime.getTime() / 1000) : undefined;
}
