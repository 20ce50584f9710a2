import { type CommitObjects, messageOf, modeOf, objectIdOf, TidegateError, type TreeEntry } from '@tidegate/core';
import type { Job } from '../job.ts';
import { type Api, statusOf, withGitHub } from './api.ts';

/**
 * The commit of this run, read through GitHub's API: for jobs that have no checkout of it. Its commit object is read
 * first, which proves the right to read: GitHub responds with 404 both for a missing file and for a repository that the
 * token may not see. Then the trees list the existing files.
 */
export function githubCommit(job: Job, token: string): CommitObjects {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_SHA: commit = '' } = job.env;
  const ask = async <T>(what: string, question: (api: Api) => Promise<T>): Promise<T> => {
    try {
      return await withGitHub(job, token, repository, question);
    } catch (cause) {
      if (job.signal.aborted) throw job.signal.reason;
      throw unread(`${what} of ${repository}`, cause);
    }
  };
  return {
    commit,
    root: () =>
      ask(`commit ${commit}`, async ({ rest, repo }) => {
        const { data } = await rest.git.getCommit({ ...repo, commit_sha: commit });
        return data.tree.sha;
      }),
    tree: (id) =>
      ask(`tree ${id}`, async ({ rest, repo }) => {
        const { data } = await rest.git.getTree({ ...repo, tree_sha: id });
        if (data.truncated) throw new Error('GitHub lists only a part of its entries');
        return new Map(
          data.tree.map(({ path, mode, sha }): [string, TreeEntry] => [path, { mode: modeFrom(mode), id: sha }]),
        );
      }),
    blob: (id) =>
      ask(`blob ${id}`, async ({ rest, repo }) => {
        const { data } = await rest.git.getBlob({ ...repo, file_sha: id });
        const bytes = Buffer.from(data.content, 'base64');
        if (data.encoding !== 'base64' || objectIdOf('blob', bytes, id) !== id) {
          throw new Error('the response does not match its id');
        }
        return bytes;
      }),
  };
}

function modeFrom(octal: string): TreeEntry['mode'] {
  const mode = modeOf(octal);
  if (!mode) throw new Error(`unknown file mode ${octal}`);
  return mode;
}

function unread(what: string, cause: unknown): TidegateError {
  const status = statusOf(cause);
  const message = `GitHub does not return ${what}: ${messageOf(cause)}`;
  if (status === 403 || status === 404) {
    return new TidegateError('github-denied', message, {
      next: 'Give the job `permissions: contents: read`, check out the commit before this step, or pass policy-document.',
      cause,
    });
  }
  return new TidegateError('github-unreachable', message, {
    next: 'Run the job again, check out the commit before this step, or pass policy-document.',
    cause,
  });
}
