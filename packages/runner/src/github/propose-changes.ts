import { messageOf, objectIdOf, TidegateError } from '@tidegate/core';
import type { Job } from '../job.ts';
import { type Api, statusOf, withGitHub } from './api.ts';

/** A file of the repository, before and after the change. */
export interface ChangedFile {
  /** Within the repository, with `/`. */
  readonly path: string;
  /** As it was read. The commit must have the same bytes: nothing else that is in the work tree is proposed. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export interface ProposedChange {
  /** The branch of the pull request, which belongs to Tidegate: `tidegate/pin-manifests`. */
  readonly branch: string;
  /** The branch to merge it into. */
  readonly base: string;
  /** The commit of `base` that the files were read from. */
  readonly commit: string;
  /** Also the first line of the commit message. */
  readonly title: string;
  /** Markdown; the caller has escaped text from outside. */
  readonly body: string;
  readonly files: readonly ChangedFile[];
}

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  /** The effect of this call. */
  readonly did: 'opened' | 'updated' | 'kept';
}

/** A dozen requests, and blobs of some megabytes. */
const TIMEOUT = 120_000;
/**
 * Marks the commits that may be replaced: a branch with the commit of somebody else is never overwritten. The tree is
 * in it, because a person who amends our commit keeps its message and its author.
 */
const trailerOf = (tree: string) => `Proposed-tree: ${tree}\nProposed-by: tidegate`;
/** Maximum length of a pull request's text on GitHub: 65,536 characters. */
const LONGEST_BODY = 65_000;

/**
 * Propose a change as a pull request: one for each branch, opened the first time and updated afterwards. The commit is
 * made by GitHub (REST, "Git database"), so that it is signed by GitHub and needs no git and no credentials on disk.
 * @throws TidegateError `pull-request-denied`, `pull-request-branch-taken`, `pull-request-branch-moved`,
 * `pull-request-outdated` or `github-unreachable`
 */
export async function proposeChanges(job: Job, token: string, change: ProposedChange): Promise<PullRequest> {
  const { GITHUB_REPOSITORY: repository = '' } = job.env;
  if (token === '') throw denied(repository, 'the step has no token', 'Set the input token.');
  try {
    return await withGitHub(job, token, repository, (api) => proposed(job, api, change), TIMEOUT);
  } catch (error) {
    if (job.signal.aborted) throw job.signal.reason;
    throw error instanceof TidegateError ? error : failure(repository, change, error);
  }
}

async function proposed(job: Job, api: Api, change: ProposedChange): Promise<PullRequest> {
  const { rest, repo } = api;
  const { data: base } = await rest.git.getCommit({ ...repo, commit_sha: change.commit });
  const tree = await treeWith(api, base.tree.sha, change.files);
  const head = await headOf(api, change.branch);
  // A squash merge copies the trailer to the base: it must not be replaced there.
  if (head && change.branch === change.base) throw taken(change.branch, head.sha);
  if (isProposal(head, tree, change)) return pullRequestOf(job, api, change, false);
  if (head && !isOurs(head)) throw taken(change.branch, head.sha);
  const message = `${change.title}\n\n${trailerOf(tree)}\n`;
  const { data: commit } = await rest.git.createCommit({ ...repo, message, tree, parents: [change.commit] });
  return pullRequestOf(job, api, change, await moveBranch(api, change, head, { sha: commit.sha, tree }));
}

/** Whether the branch ends in this change already. */
function isProposal(head: GitCommit | undefined, tree: string, { commit }: ProposedChange): boolean {
  return head?.tree.sha === tree && head.parents.length === 1 && head.parents[0]?.sha === commit;
}

/**
 * Point the branch to a commit. The update replaces a commit, so it must be forced, and the API takes no commit that it
 * expects there: the branch is read again right before, because another run may have moved it while blobs were uploaded.
 * @returns false if another run proposed the same change meanwhile
 */
async function moveBranch(
  api: Api,
  change: ProposedChange,
  expected: GitCommit | undefined,
  { sha, tree }: { readonly sha: string; readonly tree: string },
): Promise<boolean> {
  const { rest, repo } = api;
  const { branch } = change;
  const sameOf = (head: GitCommit | undefined): false => {
    if (isProposal(head, tree, change)) return false;
    throw moved(branch, head?.sha);
  };
  const now = await headOf(api, branch);
  if (now?.sha !== expected?.sha) return sameOf(now);
  if (now) {
    await rest.git.updateRef({ ...repo, ref: `heads/${branch}`, sha, force: true });
    return true;
  }
  try {
    await rest.git.createRef({ ...repo, ref: `refs/heads/${branch}`, sha });
    return true;
  } catch (error) {
    const there = isRefused(error, /already exists/i) ? await headOf(api, branch) : undefined;
    if (!there) throw error;
    return sameOf(there);
  }
}

function isRefused(error: unknown, why: RegExp): boolean {
  return statusOf(error) === 422 && why.test(messageOf(error));
}

/** The trailer is a paragraph of its own: somebody else may quote it. A merge is not ours either. */
function isOurs({ message, parents, tree }: GitCommit): boolean {
  return parents.length === 1 && message.trimEnd().endsWith(`\n\n${trailerOf(tree.sha)}`);
}

async function pullRequestOf(
  job: Job,
  { rest, repo }: Api,
  { branch, base, title, body: text }: ProposedChange,
  isMoved: boolean,
): Promise<PullRequest> {
  const clean = job.redacted(text);
  const cut = `${clean.slice(0, LONGEST_BODY)}\n\nThis text is cut. The job summary has the full text.`;
  const body = clean.length > LONGEST_BODY ? cut : clean;
  const openOne = async () => {
    const { data } = await rest.pulls.list({ ...repo, state: 'open', head: `${repo.owner}:${branch}`, base });
    return data[0];
  };
  let found = await openOne();
  if (!found) {
    try {
      const { data } = await rest.pulls.create({ ...repo, head: branch, base, title, body });
      return { number: data.number, url: data.html_url, did: 'opened' };
    } catch (error) {
      // Another run opened it meanwhile.
      found = isRefused(error, /pull request already exists/i) ? await openOne() : undefined;
      if (!found) throw error;
    }
  }
  const { number, html_url: url } = found;
  const isOld = found.title !== title || (found.body ?? '').replaceAll('\r\n', '\n') !== body;
  if (isOld) await rest.pulls.update({ ...repo, pull_number: number, title, body });
  return { number, url, did: isMoved || isOld ? 'updated' : 'kept' };
}

type GitCommit = Awaited<ReturnType<Api['rest']['git']['getCommit']>>['data'];

async function headOf({ rest, repo }: Api, branch: string): Promise<GitCommit | undefined> {
  try {
    const { data } = await rest.git.getRef({ ...repo, ref: `heads/${branch}` });
    return (await rest.git.getCommit({ ...repo, commit_sha: data.object.sha })).data;
  } catch (error) {
    // The commit of the base was read before: this is no right that is missing.
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** @returns the id of the tree of the commit with the files changed, and nothing else */
async function treeWith(api: Api, root: string, files: readonly ChangedFile[]): Promise<string> {
  const { rest, repo } = api;
  const trees = new Map<string, Promise<Entries>>();
  const entries = (id: string) => {
    const known = trees.get(id) ?? entriesOf(api, id);
    trees.set(id, known);
    return known;
  };
  const tree: { path: string; mode: '100644' | '100755'; type: 'blob'; sha: string }[] = [];
  for (const { path, before, after } of files) {
    const { mode, sha } = await entryAt(path, root, entries);
    if (objectIdOf('blob', before, sha) !== sha) throw outdated(path, 'differs from the commit');
    const content = Buffer.from(after).toString('base64');
    const { data } = await rest.git.createBlob({ ...repo, content, encoding: 'base64' });
    if (data.sha !== objectIdOf('blob', after, data.sha)) throw new Error(`GitHub stored other bytes for ${path}.`);
    tree.push({ path, mode, type: 'blob', sha: data.sha });
  }
  return (await rest.git.createTree({ ...repo, base_tree: root, tree })).data.sha;
}

type Entries = ReadonlyMap<string, { readonly mode: string; readonly sha: string }>;

async function entriesOf({ rest, repo }: Api, id: string): Promise<Entries> {
  const { data } = await rest.git.getTree({ ...repo, tree_sha: id });
  if (data.truncated) throw new Error('GitHub lists only a part of the entries of a folder.');
  return new Map(data.tree.map(({ path, mode, sha }) => [path, { mode, sha }]));
}

async function entryAt(path: string, root: string, entries: (id: string) => Promise<Entries>) {
  let id = root;
  const parts = path.split('/');
  for (const [at, part] of parts.entries()) {
    const entry = (await entries(id)).get(part);
    const isLast = at === parts.length - 1;
    if (entry && isLast && (entry.mode === '100644' || entry.mode === '100755')) {
      return { mode: entry.mode as '100644' | '100755', sha: entry.sha };
    }
    if (!entry || isLast || entry.mode !== '040000') throw outdated(path, 'is no file of the commit');
    id = entry.sha;
  }
  throw outdated(path, 'is no file of the commit');
}

function outdated(path: string, why: string): TidegateError {
  return new TidegateError('pull-request-outdated', `${path} ${why}, so no pull request is opened for it.`);
}

function taken(branch: string, sha: string): TidegateError {
  return new TidegateError(
    'pull-request-branch-taken',
    `The branch ${branch} ends in commit ${sha.slice(0, 12)}, which Tidegate did not make. It was not changed.`,
  );
}

function moved(branch: string, sha: string | undefined): TidegateError {
  const now = sha === undefined ? 'was deleted' : `now ends in commit ${sha.slice(0, 12)}`;
  return new TidegateError(
    'pull-request-branch-moved',
    `The branch ${branch} ${now}: it was changed while this run prepared its commit. This run did not change it.`,
  );
}

function failure(repository: string, { branch, base }: ProposedChange, error: unknown): TidegateError {
  const status = statusOf(error);
  const message = messageOf(error);
  if (status === 403 && /not permitted to create or approve pull requests/i.test(message)) {
    return denied(
      repository,
      message,
      'Allow it: Settings, Actions, General, "Allow GitHub Actions to create and approve pull requests". Or set the input token to that of a GitHub App.',
    );
  }
  if (status === 401 || status === 403 || status === 404) return denied(repository, message);
  if (status === 422) {
    return new TidegateError(
      'pull-request-denied',
      `GitHub refused the pull request from ${branch} to ${base} in ${repository}: ${message}`,
      { next: `Check that ${base} exists, and that no rule protects ${branch}.`, cause: error },
    );
  }
  return new TidegateError(
    'github-unreachable',
    `GitHub did not open or update the pull request from ${branch} in ${repository}: ${message}`,
    { next: 'Run the job again.', cause: error },
  );
}

function denied(repository: string, why: string, next?: string): TidegateError {
  return new TidegateError('pull-request-denied', `GitHub denied a pull request in ${repository}: ${why}`, { next });
}
