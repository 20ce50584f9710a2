/**
 * GitHub's REST API for one repository; only the parts that tag planning reads: the repository, the targets of refs,
 * all git tags, releases, commits. Responses follow docs.github.com/rest, and repository.test.ts names the page for
 * each; it is as strict as the original about tokens and permissions.
 */
import type { IncomingMessage } from 'node:http';
import { answerJson, type Loopback, serveLoopback } from '../network/loopback.ts';

export interface RepositoryState {
  /** `owner/name`. */
  readonly repository: string;
  readonly defaultBranch?: string;
  readonly description?: string | null;
  /** SPDX id, or NOASSERTION. */
  readonly license?: string | null;
  readonly private?: boolean;
  /** Branch to commit. May change between two requests, as in a real repository. */
  branches: Readonly<Record<string, string>>;
  /** Git tag to commit, or to a tag object for a commit. */
  tags: Readonly<Record<string, string | { readonly annotated: string }>>;
  releases: readonly { readonly tag: string; readonly prerelease?: boolean; readonly draft?: boolean }[];
  /** Committer dates by commit. */
  readonly dates?: Readonly<Record<string, string>>;
}

/** The rights of a token; GitHub does not know any other token. */
export interface ApiToken {
  readonly token: string;
  /** `none`: a GITHUB_TOKEN without `contents: read`. `elsewhere`: a token without access to the repository. */
  readonly contents: 'read' | 'none' | 'elsewhere';
}

interface ApiAnswer {
  /** `GET /repos/acme/app`. */
  readonly question: string;
  /** Undefined if there was none. */
  readonly token: string | undefined;
  readonly status: number;
}

export interface RepositoryApi extends Loopback {
  /** Every request with its response, oldest first. */
  readonly answers: readonly ApiAnswer[];
  readonly state: RepositoryState;
}

/** On loopback. Its URL, without the trailing slash, is GITHUB_API_URL. */
export async function startRepositoryApi(state: RepositoryState, tokens: readonly ApiToken[]): Promise<RepositoryApi> {
  const answers: ApiAnswer[] = [];
  const server = await serveLoopback(async (request, response, url) => {
    const reply = answer(request, url.pathname, state, tokens);
    const status = typeof reply === 'string' ? 200 : reply[0];
    answers.push({ question: `${request.method} ${url.pathname}`, token: tokenIn(request), status });
    if (typeof reply !== 'string') return answerJson(response, ...reply);
    response.writeHead(200, { 'content-type': 'application/vnd.github.sha; charset=utf-8' });
    response.end(reply);
  });
  return { ...server, answers, state };
}

/** A status and JSON, or only the id of a commit. */
type Reply = readonly [status: number, value: unknown] | string;

const tokenIn = ({ headers }: IncomingMessage) => /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? '')?.[1];

const say = (status: number, message: string): Reply => [
  status,
  { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
];

function answer(request: IncomingMessage, path: string, state: RepositoryState, tokens: readonly ApiToken[]): Reply {
  const { authorization } = request.headers;
  const given = tokenIn(request);
  const token = tokens.find((one) => one.token === given);
  if (authorization !== undefined && !token) return say(401, 'Bad credentials');
  const [, , owner = '', name = '', ...rest] = path.split('/').map(decodeURIComponent);
  const here = path.startsWith('/repos/') && `${owner}/${name}`.toLowerCase() === state.repository.toLowerCase();
  const seen = token ? token.contents !== 'elsewhere' || !state.private : !state.private;
  if (!here || !seen) return say(404, 'Not Found');
  if (rest.length === 0) return [200, repositoryOf(state)];
  if (state.private && token?.contents !== 'read') return say(403, 'Resource not accessible by integration');
  const tail = rest.join('/');

  const commit = /^commits\/(.+)$/.exec(tail)?.[1];
  if (commit !== undefined) {
    const sha = resolve(commit, state);
    if (sha === undefined) return say(422, `No commit found for SHA: ${commit}`);
    return /\bsha\b/.test(request.headers.accept ?? '') ? sha : [200, { sha }];
  }
  const prefix = /^git\/matching-refs\/(.*)$/.exec(tail)?.[1];
  if (prefix !== undefined) return [200, refs(state).filter(({ ref }) => ref.startsWith(`refs/${prefix}`))];
  const dated = /^git\/commits\/(.+)$/.exec(tail)?.[1];
  if (dated !== undefined) {
    const date = state.dates?.[dated];
    return date === undefined ? say(404, 'Not Found') : [200, { sha: dated, committer: { date } }];
  }
  const released = /^releases\/tags\/(.+)$/.exec(tail)?.[1];
  if (released !== undefined) {
    const release = state.releases.find(({ tag, draft }) => tag === released && !draft);
    if (!release) return say(404, 'Not Found');
    return [200, { tag_name: released, draft: false, prerelease: release.prerelease ?? false }];
  }
  return say(404, 'Not Found');
}

function repositoryOf(state: RepositoryState) {
  return {
    full_name: state.repository,
    private: state.private ?? false,
    default_branch: state.defaultBranch ?? 'main',
    description: state.description ?? null,
    license: state.license ? { key: state.license.toLowerCase(), spdx_id: state.license } : null,
  };
}

function resolve(ref: string, { branches, tags }: RepositoryState): string | undefined {
  const [, kind, name = ''] = /^(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (kind === 'heads') return branches[name];
  const tag = kind === 'tags' ? tags[name] : undefined;
  return typeof tag === 'object' ? tag.annotated : tag;
}

function refs({ branches, tags }: RepositoryState) {
  return [
    ...Object.entries(branches).map(([name, sha]) => ({ ref: `refs/heads/${name}`, object: { type: 'commit', sha } })),
    ...Object.entries(tags).map(([name, tag]) => ({
      ref: `refs/tags/${name}`,
      // An annotated tag's own object differs from its commit.
      object: typeof tag === 'object' ? { type: 'tag', sha: 'e'.repeat(40) } : { type: 'commit', sha: tag },
    })),
  ];
}
