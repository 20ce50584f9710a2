import { messageOf, TidegateError } from '@tidegate/core';
import { statusOf, withGitHub } from './github-api.ts';
import type { Job } from './job.ts';

/**
 * A file of the commit that this run is of, asked of GitHub: for jobs that publish and check nothing out.
 * @returns undefined where the commit has no such file @throws TidegateError `network` where GitHub does not say.
 */
export async function repositoryFile(job: Job, token: string, path: string): Promise<Uint8Array | undefined> {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_SHA: sha = '' } = job.env;
  try {
    return await withGitHub(job, token, repository, async ({ rest, repo }) => {
      const { data } = await rest.repos.getContent({ ...repo, path, ref: sha, mediaType: { format: 'raw' } });
      // In this format the answer is the file itself, whatever the types say; a folder would be a list.
      const raw: unknown = data;
      if (raw instanceof ArrayBuffer) return new Uint8Array(raw);
      return typeof raw === 'string' ? new TextEncoder().encode(raw) : undefined;
    });
  } catch (cause) {
    if (statusOf(cause) === 404) return undefined;
    throw new TidegateError('network', `GitHub does not give ${path} of ${repository} at ${sha}: ${messageOf(cause)}`, {
      next: 'Check out the repository before this step, or give the action a token that may read its contents.',
      cause,
    });
  }
}
