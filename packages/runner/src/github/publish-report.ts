import { gzipSync } from 'node:zlib';
import type { Job } from '../job.ts';
import { told } from '../log/told.ts';
import { withGitHub } from './api.ts';
import { pullRequestOf } from './github.ts';

/** Maximum length of a comment on GitHub (65,536 characters), with room for the marker and the note. */
const LONGEST_COMMENT = 65_000;

/**
 * Upload a SARIF log to code scanning (REST: "Upload an analysis as SARIF data"). The gate alone decides about tags: if
 * GitHub rejects the log, that is a warning.
 * @returns whether it was accepted
 */
export async function uploadSarif(job: Job, token: string, sarif: string): Promise<boolean> {
  const { GITHUB_REF: ref = '', GITHUB_REPOSITORY: repository = '', GITHUB_SHA: sha = '' } = job.env;
  return told(job, 'The findings were not uploaded to code scanning', 'security-events: write', token, async () => {
    await withGitHub(job, token, repository, ({ rest, repo }) =>
      rest.codeScanning.uploadSarif({
        ...repo,
        commit_sha: sha,
        ref,
        sarif: gzipSync(sarif).toString('base64'),
        tool_name: 'Tidegate',
      }),
    );
  });
}

/**
 * The text of a comment, with the marker that finds it again, and cut to what GitHub accepts.
 * @param markdown escaped by the caller
 */
export function commentBody(job: Pick<Job, 'redacted'>, image: string, markdown: string): string {
  const clean = job.redacted(markdown);
  const cut = clean.length > LONGEST_COMMENT;
  const shown = cut
    ? `${clean.slice(0, LONGEST_COMMENT)}\n\nThis comment is cut. The job summary has the full text.`
    : clean;
  return `${markerOf(job, image)}\n${shown}`;
}

function markerOf(job: Pick<Job, 'redacted'>, image: string): string {
  return `<!-- tidegate: ${encodeURIComponent(job.redacted(image))} -->`;
}

/**
 * Keep one comment on a pull request up to date instead of adding another with every push. It is found again by a
 * marker that names the image, and only among the comments of bots and of this token's own user: anybody else can edit
 * their own comment, which must not carry a verdict.
 * @param markdown escaped by the caller
 * @returns whether the comment is up to date; false as well if the event belongs to no pull request
 */
export async function commentOnPullRequest(job: Job, token: string, image: string, markdown: string): Promise<boolean> {
  const number = pullRequestOf(job.event);
  if (number === undefined) return false;
  const marker = markerOf(job, image);
  const body = commentBody(job, image, markdown);
  return told(job, 'The pull request was not commented on', 'pull-requests: write', token, async () => {
    await withGitHub(job, token, job.env.GITHUB_REPOSITORY ?? '', async ({ rest, paginate, repo }) => {
      const comments = await paginate(rest.issues.listComments, { ...repo, issue_number: number, per_page: 100 });
      const marked = comments.filter((one) => one.body?.startsWith(marker));
      const own = async () => {
        if (marked.length === 0) return undefined;
        // The job's own token is no user and gets 403 here; its comments are a bot's.
        const user = await rest.users.getAuthenticated().catch(() => undefined);
        return user && marked.find((one) => one.user?.login === user.data.login);
      };
      const ours = marked.find((one) => one.user?.type === 'Bot') ?? (await own());
      if (ours) await rest.issues.updateComment({ ...repo, comment_id: ours.id, body });
      else await rest.issues.createComment({ ...repo, issue_number: number, body });
    });
  });
}
