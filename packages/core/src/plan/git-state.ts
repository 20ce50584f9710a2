import { badInput, TidegateError } from '../error.ts';
import { type Known, unknown } from '../known.ts';
import { isRepositoryName } from '../reference/repository-name.ts';
import { withoutEnd } from '../text/text.ts';
import { quoted } from '../text/wording.ts';

/** The kind of the workflow's event. `pull_request` is every event about a pull request. */
export type EventKind = 'push' | 'pull_request' | 'schedule' | 'workflow_dispatch' | 'other';

interface GitEvent {
  readonly kind: EventKind;
  /** GitHub's own name, for messages and for events of kind `other`: `pull_request_target`, `release`. */
  readonly name: string;
  /** The event's action, if it has one: `published` for a release. */
  readonly action?: string | undefined;
}

export type GitRef =
  | { readonly kind: 'branch'; readonly name: string }
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'pull'; readonly number: number };

/** The commit that is built and why: read once at the edge, validated, then trusted. */
export interface GitState {
  readonly event: GitEvent;
  readonly ref: GitRef;
  /** 40 or 64 lower-case hex digits. */
  readonly sha: string;
  readonly defaultBranch: string;
  /** `owner/name`. */
  readonly repository: string;
  /** `https://github.com`, without a slash at its end. */
  readonly serverUrl: string;
  /** Committer date. Absent if the history is not available. */
  readonly commitTime?: Date | undefined;
  /** The pull request's head is in another repository: its code is untrusted. */
  readonly fork: boolean;
  readonly pullRequest?: number | undefined;
  /** The branch that a pull request changes; for a git tag, the branch that the event names. */
  readonly baseRef?: string | undefined;
  /** Attempt of the run: above 1 it was re-run, perhaps much later. */
  readonly attempt: number;
  /** The commit that the branch or git tag points to now; `undefined` if it no longer exists. */
  readonly head: Known<string | undefined>;
  /** Every git tag of the repository. Without them it is unknown whether `latest`, `1` and `1.2` would move back. */
  readonly tags: Known<readonly string[]>;
  /** GitHub's release of the git tag. */
  readonly release: Known<Release>;
  /** The repository's metadata on the forge. */
  readonly about: About;
}

/** `none`: the git tag has no release, which says nothing about its version. */
export type Release = 'none' | 'stable' | 'pre-release';

export interface About {
  /** One line. */
  readonly description?: string | undefined;
  /** SPDX id. */
  readonly license?: string | undefined;
}

/** The same facts as text, from an event payload, the environment or a `git` command. */
export interface RawGitState {
  readonly event: string;
  /** `refs/heads/…`, `refs/tags/…` or `refs/pull/<number>/…`. */
  readonly ref: string;
  readonly sha: string;
  readonly defaultBranch: string;
  readonly repository: string;
  readonly serverUrl?: string | undefined;
  readonly commitTime?: Date | string | undefined;
  /** `owner/name` of a pull request's head. Empty when that repository is gone: then it counts as a fork. */
  readonly headRepository?: string | undefined;
  readonly pullRequest?: number | undefined;
  /** With or without `refs/heads/`. */
  readonly baseRef?: string | undefined;
  readonly action?: string | undefined;
  readonly attempt?: number;
  readonly head?: Known<string | undefined>;
  readonly tags?: Known<readonly string[]>;
  readonly release?: Known<Release>;
  readonly about?: About;
}

const SHA = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
/** git-check-ref-format: invalid refs. Everything else is a valid name, including `$(id)` and `;`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const NO_REF = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|^\/|\.lock$|^$/;
const NOT_ASKED = unknown('GitHub was not asked');
const PULL = /^refs\/pull\/([1-9][0-9]{0,9})\/(merge|head)$/;

/** @throws TidegateError `bad-input` for a ref that git would reject. */
export function parseGitRef(ref: string): GitRef {
  const pull = PULL.exec(ref)?.[1];
  if (pull) return { kind: 'pull', number: Number(pull) };
  for (const [prefix, kind] of [
    ['refs/heads/', 'branch'],
    ['refs/tags/', 'tag'],
  ] as const) {
    const name = ref.slice(prefix.length);
    if (ref.startsWith(prefix) && !NO_REF.test(name)) return { kind, name };
  }
  throw badInput(
    'not-a-workflow',
    'ref',
    ref,
    'refs/heads/…, refs/tags/… or refs/pull/<number>/merge',
    'Give the full name of the ref.',
  );
}

export function eventKind(name: string): EventKind {
  if (/^pull_request(_target|_review|_review_comment)?$/.test(name)) return 'pull_request';
  return name === 'push' || name === 'schedule' || name === 'workflow_dispatch' ? name : 'other';
}

/**
 * Validates untrusted input about the commit.
 * @throws TidegateError `bad-input`, naming the field.
 */
export function makeGitState(raw: RawGitState): GitState {
  const { sha, repository, action, attempt = 1 } = raw;
  const event = { kind: eventKind(raw.event), name: raw.event, action: action || undefined };
  if (!/^[a-z0-9_]{1,64}$/.test(event.name)) throw field('event', event.name, 'the name of an event, for example push');
  if (!SHA.test(sha)) throw field('sha', sha, 'a whole commit: 40 or 64 lower-case hex digits');
  if (!isRepositoryName(repository)) throw field('repository', repository, 'owner/name');
  if (NO_REF.test(raw.defaultBranch)) throw field('default branch', raw.defaultBranch, 'the name of a branch');
  const ref = parseGitRef(raw.ref);
  const pullRequest = raw.pullRequest ?? (ref.kind === 'pull' ? ref.number : undefined);
  if (pullRequest !== undefined && !(Number.isSafeInteger(pullRequest) && pullRequest > 0)) {
    throw field('pull request', String(pullRequest), 'a number above 0');
  }
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw field('attempt', String(attempt), 'a number above 0');
  const commitTime = raw.commitTime === undefined ? undefined : parseTime(raw.commitTime);
  return {
    event,
    ref,
    sha,
    defaultBranch: raw.defaultBranch,
    repository,
    serverUrl: parseServer(raw.serverUrl ?? 'https://github.com'),
    commitTime,
    fork: isFork(event.kind, repository, raw.headRepository),
    pullRequest,
    baseRef: raw.baseRef?.replace(/^refs\/heads\//, '') || undefined,
    attempt,
    head: raw.head ?? NOT_ASKED,
    tags: raw.tags ?? NOT_ASKED,
    release: raw.release ?? NOT_ASKED,
    about: raw.about ?? {},
  };
}

/** GitHub compares names case-insensitively. A pull request of unknown origin counts as one of a fork. */
function isFork(kind: EventKind, repository: string, head: string | undefined): boolean {
  if (kind !== 'pull_request' && head === undefined) return false;
  return head?.toLowerCase() !== repository.toLowerCase();
}

function parseTime(time: Date | string): Date {
  const date = typeof time === 'string' ? new Date(time) : time;
  if (Number.isNaN(date.getTime()))
    throw field('commit time', String(time), 'a date, for example 2026-11-24T08:00:00Z');
  return date;
}

function parseServer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw field('server URL', text, 'an http or https URL without credentials');
  }
  return withoutEnd(`${url.origin}${url.pathname}`, '/');
}

function field(name: string, value: string, expected: string): TidegateError {
  const shown = quoted(value);
  return new TidegateError('not-a-workflow', `The ${name} of this commit: got ${shown}, expected ${expected}.`, {
    next: 'Run inside a GitHub workflow or a git checkout, or give the values yourself.',
  });
}
