/**
 * GitHub's REST API for the git objects, refs and pull requests of one repository: enough to commit a change and to
 * propose it. Objects have their real ids. git-database.test.ts names the page or the source of each rule.
 */
import { answerJson, type Loopback, readBody, serveLoopback } from '../network/loopback.ts';
import { type Commit, Objects } from './git-objects.ts';

interface StoredPull {
  readonly number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  readonly head: string;
  readonly base: string;
}

export interface GitToken {
  readonly contents: 'write' | 'read' | 'none';
  readonly pulls: 'write' | 'read' | 'none';
  /** The job's own token, which the repository's settings may keep from opening pull requests. Default true. */
  readonly isOfActions?: boolean;
}

export interface GitDatabaseOptions {
  /** `owner/name`. */
  readonly repository: string;
  readonly tokens: Readonly<Record<string, GitToken>>;
  /** Settings, Actions, General: "Allow GitHub Actions to create and approve pull requests". Default true. */
  readonly actionsMayOpenPulls?: boolean;
  /** Called before a request is answered, with its text in `requests`: to act as another run meanwhile. */
  readonly onRequest?: (request: string) => void;
}

export interface GitDatabase extends Loopback {
  readonly branches: Map<string, string>;
  readonly pulls: StoredPull[];
  /** `POST git/blobs`, without the repository, oldest first. */
  readonly requests: readonly string[];
  /** @returns the id of a new commit on the branch */
  commit(branch: string, files: Readonly<Record<string, string | Uint8Array>>, message?: string): string;
  /** Replaces the commit of the branch by one with other files and the same message: `git commit --amend`. */
  amend(branch: string, files: Readonly<Record<string, string | Uint8Array>>): string;
  messageOf(commit: string): string;
  /** The files of a commit; executable ones with `*` after their name. */
  filesOf(commit: string): Readonly<Record<string, string>>;
}

type Reply = readonly [status: number, value: unknown];

const say = (status: number, message: string, errors?: readonly unknown[]): Reply => [
  status,
  { message, errors, documentation_url: 'https://docs.github.com/rest', status: String(status) },
];

const NO_RIGHT = say(403, 'Resource not accessible by integration');

/** On loopback. Its URL, without the trailing slash, is GITHUB_API_URL. */
export async function startGitDatabase(options: GitDatabaseOptions): Promise<GitDatabase> {
  const store = new Objects();
  const branches = new Map<string, string>();
  const pulls: StoredPull[] = [];
  const requests: string[] = [];
  const api: Api = { options, store, branches, pulls };
  const server = await serveLoopback(async (request, response, url) => {
    const text = (await readBody(request)).toString();
    const method = request.method ?? '';
    const prefix = `/repos/${options.repository}/`;
    const isHere = url.pathname.toLowerCase().startsWith(prefix.toLowerCase());
    const path = decodeURIComponent(url.pathname.slice(prefix.length));
    requests.push(`${method} ${path}`);
    options.onRequest?.(`${method} ${path}`);
    const given = /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const token = given === undefined ? undefined : options.tokens[given];
    if (!token) return answerJson(response, ...say(401, given ? 'Bad credentials' : 'Requires authentication'));
    if (!isHere) return answerJson(response, ...say(404, 'Not Found'));
    const body = text === '' ? {} : JSON.parse(text);
    answerJson(response, ...answer({ method, path, query: url.searchParams, body, token }, api));
  });
  return {
    ...server,
    ...{ branches, pulls, requests },
    commit(branch, files, message = 'A commit') {
      const parent = branches.get(branch);
      const sha = store.commit({ tree: store.treeOf(files), parents: parent ? [parent] : [], message });
      branches.set(branch, sha);
      return sha;
    },
    amend(branch, files) {
      const { parents = [], message = '' } = store.commits.get(branches.get(branch) ?? '') ?? {};
      const sha = store.commit({ tree: store.treeOf(files), parents, message });
      branches.set(branch, sha);
      return sha;
    },
    messageOf: (commit) => store.commits.get(commit)?.message ?? '',
    filesOf: (commit) => store.files(store.commits.get(commit)?.tree ?? ''),
  };
}

interface Api {
  readonly options: GitDatabaseOptions;
  readonly store: Objects;
  readonly branches: Map<string, string>;
  readonly pulls: StoredPull[];
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  // biome-ignore lint/suspicious/noExplicitAny: what a client sent
  readonly body: any;
  readonly token: GitToken;
}

function answer(question: Question, api: Api): Reply {
  const { method, path, token } = question;
  const isPulls = /^pulls(?:\/|$)/.test(path);
  const right = isPulls ? token.pulls : token.contents;
  if (right === 'none' || (method !== 'GET' && right !== 'write')) return NO_RIGHT;
  if (isPulls) return pullsAnswer(question, api);
  return method === 'GET' ? objectAnswer(path, api) : (writeAnswer(question, api) ?? say(404, 'Not Found'));
}

function objectAnswer(path: string, { store, branches }: Api): Reply {
  const [, kind, id = ''] = /^git\/(commits|trees|blobs|ref)\/(.+)$/.exec(path) ?? [];
  if (kind === 'commits') {
    const commit = store.commits.get(id);
    return commit ? [200, commitJson(id, commit)] : say(404, 'Not Found');
  }
  if (kind === 'trees') {
    const tree = store.trees.get(id);
    const rows = [...(tree ?? [])].map(([name, { mode, sha }]) => ({
      ...{ path: name, mode, sha, type: mode === '040000' ? 'tree' : 'blob' },
    }));
    return tree ? [200, { sha: id, tree: rows, truncated: false }] : say(404, 'Not Found');
  }
  if (kind === 'blobs') {
    const blob = store.blobs.get(id);
    return blob
      ? [200, { sha: id, size: blob.length, encoding: 'base64', content: blob.toString('base64') }]
      : say(404, 'Not Found');
  }
  const sha = branches.get(id.replace(/^heads\//, ''));
  return kind === 'ref' && id.startsWith('heads/') && sha ? [200, refJson(id, sha)] : say(404, 'Not Found');
}

const commitJson = (sha: string, { tree, parents, message }: Commit) => ({
  ...{ sha, message, tree: { sha: tree } },
  parents: parents.map((one) => ({ sha: one })),
});
const refJson = (ref: string, sha: string) => ({ ref: `refs/${ref}`, object: { type: 'commit', sha } });

function writeAnswer({ method, path, body }: Question, { store, branches }: Api): Reply | undefined {
  const asked = `${method} ${path}`;
  if (asked === 'POST git/blobs') {
    return [201, { sha: store.blob(Buffer.from(body.content, body.encoding === 'base64' ? 'base64' : 'utf8')) }];
  }
  if (asked === 'POST git/trees') {
    if (!store.trees.has(body.base_tree)) return say(404, 'Not Found');
    let tree: string = body.base_tree;
    for (const { path: at, mode, sha } of body.tree) {
      if (!store.blobs.has(sha)) return say(422, `tree.sha ${sha} is not a valid blob`);
      tree = store.with(tree, at.split('/'), { mode, sha });
    }
    return [201, { sha: tree }];
  }
  if (asked === 'POST git/commits') {
    if (!store.trees.has(body.tree)) return say(422, 'Tree SHA does not exist');
    if (!body.parents.every((one: string) => store.commits.has(one))) return say(422, 'Parent SHA does not exist');
    const sha = store.commit({ tree: body.tree, parents: body.parents, message: body.message });
    return [201, { sha }];
  }
  if (asked === 'POST git/refs') {
    const name = /^refs\/heads\/(.+)$/.exec(body.ref)?.[1];
    if (name === undefined) return say(422, 'Reference name must start with refs/heads/');
    if (!store.commits.has(body.sha)) return say(422, 'Object does not exist');
    if (branches.has(name)) return say(422, 'Reference already exists');
    branches.set(name, body.sha);
    return [201, refJson(`heads/${name}`, body.sha)];
  }
  const moved = /^PATCH git\/refs\/heads\/(.+)$/.exec(asked)?.[1];
  if (moved === undefined) return undefined;
  const current = branches.get(moved);
  if (current === undefined) return say(422, 'Reference does not exist');
  if (!store.commits.has(body.sha)) return say(422, 'Object does not exist');
  if (!body.force && !isBehind(current, body.sha, store)) return say(422, 'Update is not a fast forward');
  branches.set(moved, body.sha);
  return [200, refJson(`heads/${moved}`, body.sha)];
}

/** Whether the first commit is an ancestor of the second, or the same. */
function isBehind(old: string, next: string, store: Objects): boolean {
  return old === next || (store.commits.get(next)?.parents ?? []).some((parent) => isBehind(old, parent, store));
}

function pullsAnswer({ method, path, query, body, token }: Question, api: Api): Reply {
  const { options, branches, pulls, store } = api;
  const json = (pull: StoredPull) => ({
    ...{ number: pull.number, title: pull.title, body: pull.body, state: pull.state },
    html_url: `https://github.com/${options.repository}/pull/${pull.number}`,
    ...{ head: { ref: pull.head }, base: { ref: pull.base } },
  });
  const [owner = ''] = options.repository.split('/');
  if (method === 'GET') {
    const [state, head, base] = [query.get('state') ?? 'open', query.get('head'), query.get('base')];
    const fits = (pull: StoredPull) =>
      (state === 'all' || pull.state === state) &&
      (head === null || `${owner}:${pull.head}` === head) &&
      (base === null || pull.base === base);
    return [200, pulls.filter(fits).map(json)];
  }
  if (method === 'PATCH') {
    const pull = pulls.find(({ number }) => path === `pulls/${number}`);
    if (!pull) return say(404, 'Not Found');
    Object.assign(pull, body);
    return [200, json(pull)];
  }
  if (token.isOfActions !== false && options.actionsMayOpenPulls === false) {
    return say(403, 'GitHub Actions is not permitted to create or approve pull requests.');
  }
  const invalid = (message: string) =>
    say(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
  const head = branches.get(body.head);
  const base = branches.get(body.base);
  if (head === undefined || base === undefined) return invalid(`${head === undefined ? 'head' : 'base'} invalid`);
  if (isBehind(head, base, store)) return invalid(`No commits between ${body.base} and ${body.head}`);
  if (pulls.some((pull) => pull.state === 'open' && pull.head === body.head && pull.base === body.base)) {
    return invalid(`A pull request already exists for ${owner}:${body.head}.`);
  }
  const pull: StoredPull = {
    ...{ number: pulls.length + 1, title: body.title, body: body.body ?? '' },
    state: 'open',
    head: body.head,
    base: body.base,
  };
  pulls.push(pull);
  return [201, json(pull)];
}
