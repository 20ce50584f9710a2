/**
 * GitHub's issues of one repository: the viewer of a token (GraphQL), and the REST requests that list, create, change
 * and comment. issues.test.ts names the source of each behaviour; where GitHub's is not documented, this is the stricter.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, type Loopback, readBody, serveLoopback } from '../network/loopback.ts';

export interface IssueUser {
  readonly login: string;
  readonly id: number;
  readonly type: 'Bot' | 'User';
}

/** The user of a job's GITHUB_TOKEN on github.com. */
export const ACTIONS_BOT: IssueUser = { login: 'github-actions[bot]', id: 41_898_282, type: 'Bot' };

export interface IssueToken {
  readonly token: string;
  readonly user: IssueUser;
  readonly issues: 'write' | 'read' | 'none';
}

interface StoredIssue {
  readonly number: number;
  readonly user: IssueUser;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  stateReason: 'completed' | 'reopened' | 'not_planned' | 'duplicate' | null;
  locked: boolean;
  readonly isPullRequest: boolean;
  readonly comments: { readonly user: IssueUser; readonly body: string }[];
}

export interface IssuesState {
  /** `owner/name`. */
  readonly repository: string;
  /** Issues are enabled in the settings. Default: true. */
  isEnabled?: boolean;
  /** Users whose issues can be asked for, besides those of the tokens. */
  readonly users?: readonly IssueUser[];
  /** Requests that create content before a secondary rate limit rejects the next one, once. */
  limitAfter?: number;
  /** Seconds in its `retry-after`; none: only the message. Default: 1. */
  readonly retryAfter?: number | 'none';
}

export interface IssuesApi extends Loopback {
  /** `GET /repos/acme/app/issues?page=1 200`, oldest first. */
  readonly requests: readonly string[];
  readonly issues: readonly StoredIssue[];
  /** Adds an issue as a person does on the page, or another program. */
  add(issue: Partial<StoredIssue> & Pick<StoredIssue, 'user'>): StoredIssue;
}

/** On loopback. Its URL, without the trailing slash, is GITHUB_API_URL. */
export async function startIssuesApi(state: IssuesState, tokens: readonly IssueToken[]): Promise<IssuesApi> {
  const service = new Issues(state, tokens);
  const server = await serveLoopback((request, response, url) => service.handle(request, response, url));
  return {
    ...server,
    requests: service.requests,
    issues: service.issues,
    add: (issue) => service.add(issue),
  };
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const LONGEST_BODY = 65_536;
const LONGEST_TITLE = 256;
const REASONS: readonly unknown[] = [undefined, null, 'completed', 'reopened', 'not_planned', 'duplicate'];

class Issues {
  readonly requests: string[] = [];
  readonly issues: StoredIssue[] = [];
  readonly #state: IssuesState;
  readonly #tokens: readonly IssueToken[];
  #contents = 0;

  constructor(state: IssuesState, tokens: readonly IssueToken[]) {
    this.#state = state;
    this.#tokens = tokens;
  }

  add(issue: Partial<StoredIssue> & Pick<StoredIssue, 'user'>): StoredIssue {
    const number = this.issues.length + 1;
    const made: StoredIssue = {
      ...{ number, title: 'An issue', body: null, state: 'open', stateReason: null, locked: false },
      ...{ isPullRequest: false, comments: [], ...issue },
    };
    this.issues.push(made);
    return made;
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const body = (await readBody(request)).toString();
    const reply = this.#answer(request, url, body);
    this.requests.push(`${request.method} ${url.pathname}${url.search} ${reply.status}`);
    for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
    answerJson(response, reply.status, reply.body);
  }

  #answer({ headers, method = '' }: IncomingMessage, url: URL, text: string): Reply {
    const given = /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? '')?.[1];
    const token = this.#tokens.find((one) => one.token === given);
    if (!token) return say(401, 'Bad credentials');
    if (method === 'POST' && url.pathname === '/graphql') return viewer(token, text);
    if (url.pathname === '/user') {
      const { id, login, type } = token.user;
      return type === 'Bot' ? DENIED : { status: 200, body: { login, id, type } };
    }
    const start = `/repos/${this.#state.repository}/issues`;
    if (url.pathname !== start && !url.pathname.startsWith(`${start}/`)) return say(404, 'Not Found');
    if (token.issues === 'none') return DENIED;
    const rest = url.pathname.slice(start.length);
    if (method === 'GET' && rest === '') return this.#list(url, headers.host ?? '');
    if (token.issues !== 'write') return DENIED;
    if (method === 'GET') return say(404, 'Not Found');
    return this.#limited() ?? this.#write(method, rest, text, token.user);
  }

  #limited(): Reply | undefined {
    const { limitAfter, retryAfter = 1 } = this.#state;
    this.#contents += 1;
    if (limitAfter === undefined || this.#contents <= limitAfter) return undefined;
    delete this.#state.limitAfter;
    return {
      ...say(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'),
      ...(retryAfter === 'none' ? {} : { headers: { 'retry-after': String(retryAfter) } }),
    };
  }

  #list(url: URL, host: string): Reply {
    const { searchParams: query } = url;
    const creator = query.get('creator');
    const users = [
      ...(this.#state.users ?? []),
      ...this.#tokens.map(({ user }) => user),
      ...this.issues.map(({ user }) => user),
    ];
    if (creator !== null && !users.some(({ login }) => login === creator)) return say(422, 'Validation Failed');
    const state = query.get('state') ?? 'open';
    const found = this.issues
      // Without issues, only pull requests are left, which are issues as well.
      .filter(({ isPullRequest }) => isPullRequest || this.#state.isEnabled !== false)
      .filter((one) => state === 'all' || one.state === state)
      .filter(({ user }) => creator === null || user.login === creator);
    if (query.get('direction') !== 'asc') found.reverse();
    const size = Math.min(100, Number(query.get('per_page') ?? 30));
    const page = Number(query.get('page') ?? 1);
    const next = new URL(url.pathname + url.search, `http://${host}`);
    next.searchParams.set('page', String(page + 1));
    return {
      status: 200,
      body: found.slice((page - 1) * size, page * size).map(shown),
      ...(found.length > page * size ? { headers: { link: `<${next.href}>; rel="next"` } } : {}),
    };
  }

  #write(method: string, rest: string, text: string, user: IssueUser): Reply {
    const body: Readonly<Record<string, unknown>> = JSON.parse(text);
    if (method === 'POST' && rest === '') {
      if (this.#state.isEnabled === false) return say(410, 'Issues has been disabled in this repository.');
      const wrong = invalid(body, true);
      if (wrong) return wrong;
      const made = this.add({ user, title: String(body.title), body: textOrNull(body.body) });
      return { status: 201, body: shown(made) };
    }
    const [, number, comments] = /^\/(\d+)(\/comments)?$/.exec(rest) ?? [];
    const issue = this.issues.find((one) => one.number === Number(number));
    if (!issue) return say(404, 'Not Found');
    if (method === 'POST' && comments !== undefined) {
      if (issue.locked) return say(403, 'Unable to create comment because issue is locked.');
      if (typeof body.body !== 'string' || body.body.trim() === '') return say(422, 'Validation Failed');
      issue.comments.push({ user, body: body.body });
      return { status: 201, body: { id: issue.comments.length, body: body.body, user } };
    }
    if (method !== 'PATCH' || comments !== undefined) return say(404, 'Not Found');
    if (issue.locked) return DENIED;
    const wrong = invalid(body, false);
    if (wrong) return wrong;
    if (typeof body.title === 'string') issue.title = body.title;
    if ('body' in body) issue.body = textOrNull(body.body);
    if (body.state === 'open' || body.state === 'closed') {
      const reason = body.state === 'closed' ? 'completed' : issue.state === 'closed' ? 'reopened' : issue.stateReason;
      issue.stateReason = (body.state_reason as StoredIssue['stateReason'] | undefined) ?? reason;
      issue.state = body.state;
    }
    return { status: 200, body: shown(issue) };
  }
}

function invalid({ body, state, state_reason: reason, title }: Readonly<Record<string, unknown>>, isNew: boolean) {
  const isTitle = typeof title === 'string' && title.trim() !== '' && title.length <= LONGEST_TITLE;
  if (!isTitle && (isNew || title !== undefined)) return say(422, 'Validation Failed: title');
  if (typeof body === 'string' && body.length > LONGEST_BODY)
    return say(422, `Validation Failed: body is too long (maximum is ${LONGEST_BODY} characters)`);
  if (state !== undefined && state !== 'open' && state !== 'closed') return say(422, 'Validation Failed: state');
  return REASONS.includes(reason) ? undefined : say(422, 'Validation Failed: state_reason');
}

function viewer({ user }: IssueToken, text: string): Reply {
  const { query = '' }: { readonly query?: string } = JSON.parse(text);
  if (!/^\s*(query\s*)?\{\s*viewer\s*\{\s*login\s+databaseId\s*\}\s*\}\s*$/.test(query)) {
    return { status: 200, body: { errors: [{ message: 'This stand-in knows the viewer only.' }] } };
  }
  return { status: 200, body: { data: { viewer: { login: user.login, databaseId: user.id } } } };
}

function shown({ isPullRequest, stateReason, ...issue }: StoredIssue) {
  const { body, locked, number, state, title, user } = issue;
  return {
    ...{ number, title, body, state, locked, user, state_reason: stateReason },
    ...{ html_url: `https://github.com/acme/app/issues/${number}`, comments: issue.comments.length },
    ...(isPullRequest ? { pull_request: { url: '' } } : {}),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function say(status: number, message: string): Reply {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

const DENIED: Reply = say(403, 'Resource not accessible by integration');
