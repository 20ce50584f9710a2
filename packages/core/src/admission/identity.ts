import { badInput } from '../error.ts';
import { parseRepositoryName, REPOSITORY_NAME } from '../repository-name.ts';

/** Compared as a whole: `exact` byte for byte, `pattern` as a regular expression that must match from end to end. */
export type TextMatch =
  | { readonly kind: 'exact'; readonly value: string }
  | { readonly kind: 'pattern'; readonly source: string };

/** What Fulcio certified about whoever signed (fulcio `docs/oid-info.md`). URIs and refs as GitHub writes them. */
export interface CertifiedIdentity {
  /** The one subject alternative name: a workflow's URI with its ref, or an e-mail address. */
  readonly subject: string;
  /** The OpenID Connect issuer that vouched for it. */
  readonly issuer: string;
  /** 1.3.6.1.4.1.57264.1.12, `https://github.com/acme/app`. */
  readonly sourceRepository?: string;
  /** .13, the commit that was built. */
  readonly sourceDigest?: string;
  /** .14, `refs/tags/v1.2.3`. */
  readonly sourceRef?: string;
  /** .11, `github-hosted` or `self-hosted`. */
  readonly runnerEnvironment?: string;
  /** .20, `push`. */
  readonly buildTrigger?: string;
}

/** Whose keyless signatures count. What is left out is not looked at; issuer and subject always are. */
export interface ExpectedIdentity {
  readonly issuer: TextMatch;
  readonly subject: TextMatch;
  readonly sourceRepository?: TextMatch;
  readonly sourceDigest?: TextMatch;
  readonly sourceRef?: TextMatch;
  readonly runnerEnvironment?: TextMatch;
  readonly buildTrigger?: TextMatch;
}

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

export const exact = (value: string): TextMatch => ({ kind: 'exact', value });

/** A regular expression that must match the whole text: JavaScript's grammar, which agrees with Go's where both read it. */
export function pattern(source: string, input: string): TextMatch {
  try {
    new RegExp(source, 'u');
  } catch {
    throw badInput(input, source, 'a regular expression', 'It is matched against the whole text: no ^ or $ is needed.');
  }
  return { kind: 'pattern', source: bare(source) };
}

/** `^` and `$` say again what is so anyway; kept, they would stand inside the group that anchors. */
function bare(source: string): string {
  // A `|` outside would be cut apart by removing what belongs to one branch only.
  if (/\|/.test(source)) return source;
  return source.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
}

/** Anchored at both ends: what `cosign --certificate-identity-regexp`, which looks anywhere in the text, must be given. */
export function anchored(match: TextMatch): string {
  return match.kind === 'exact' ? `^${escapeRegExp(match.value)}$` : `^(?:${match.source})$`;
}

export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

export function matches(match: TextMatch, text: string | undefined): boolean {
  if (text === undefined) return false;
  return match.kind === 'exact' ? match.value === text : new RegExp(`^(?:${match.source})$`, 'u').test(text);
}

/** For messages. */
export function shownMatch(match: TextMatch): string {
  return match.kind === 'exact' ? match.value : `/${match.source}/`;
}

const NAMES: Readonly<Record<keyof ExpectedIdentity, string>> = {
  issuer: 'issuer',
  subject: 'identity',
  sourceRepository: 'source repository',
  sourceDigest: 'source commit',
  sourceRef: 'source ref',
  runnerEnvironment: 'runner environment',
  buildTrigger: 'build trigger',
};

/** What differs, one sentence each; none when it is the one that is expected. */
export function identityProblems(expected: ExpectedIdentity, found: CertifiedIdentity): readonly string[] {
  const problems: string[] = [];
  for (const key of Object.keys(NAMES) as (keyof ExpectedIdentity)[]) {
    const match = expected[key];
    if (match && !matches(match, found[key])) {
      problems.push(`${NAMES[key]} is ${found[key] ?? 'not certified'}, expected ${shownMatch(match)}`);
    }
  }
  return problems;
}

/** How a user names a workflow on GitHub. */
export interface WorkflowIdentity {
  /** `acme/app/.github/workflows/release.yml`, with `@refs/tags/v1.2.3` where only that ref's version counts. */
  readonly workflow: string;
  /** `acme/app`; default: not looked at, as a reusable workflow is called from many. */
  readonly repository?: string;
  /** `refs/heads/main`, `refs/tags/v*`. `*` is any text without `/`: git allows none in a ref. */
  readonly ref?: string;
  readonly commit?: string;
  readonly issuer?: string;
  /** Default `https://github.com`. */
  readonly server?: string;
}

const WORKFLOW = new RegExp(String.raw`^(${REPOSITORY_NAME}/\.github/workflows/[^@\s*]+\.ya?ml)(?:@(\S+))?$`);
const REF = /^refs\/[^\s~^:?[\\]+$/;
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * The identity of a GitHub workflow, as Fulcio certifies it: the subject is the workflow that ran the job
 * (job_workflow_ref: the reusable one where there is one), the source is the repository that called it.
 * @throws TidegateError `bad-input`
 */
export function workflowIdentity(given: WorkflowIdentity): ExpectedIdentity {
  const server = (given.server ?? 'https://github.com').replace(/\/+$/, '');
  const [, path, at] = WORKFLOW.exec(given.workflow) ?? [];
  if (path === undefined) {
    throw badInput(
      'workflow',
      given.workflow,
      'owner/repository/.github/workflows/FILE.yml, with @REF where wanted',
      'Write for example acme/app/.github/workflows/release.yml@refs/heads/main.',
    );
  }
  const { repository, ref, commit } = given;
  if (repository !== undefined) parseRepositoryName(repository, 'source-repository');
  if (ref !== undefined && !REF.test(ref)) {
    throw badInput('source-ref', ref, 'a full ref', 'Write for example refs/heads/main, or refs/tags/v*.');
  }
  if (commit !== undefined && !COMMIT.test(commit)) {
    throw badInput('source-commit', commit, 'a full commit of 40 (or 64) hex digits', 'Abbreviated commits collide.');
  }
  const workflow = `${server}/${path}@`;
  return {
    issuer: exact(given.issuer ?? GITHUB_ISSUER),
    // Without a ref any version of this one workflow counts; the @ keeps release.yml.evil.yml out.
    subject: at === undefined ? { kind: 'pattern', source: `${escapeRegExp(workflow)}.+` } : glob(workflow + at),
    ...(repository === undefined ? {} : { sourceRepository: exact(`${server}/${repository}`) }),
    ...(ref === undefined ? {} : { sourceRef: glob(ref) }),
    ...(commit === undefined ? {} : { sourceDigest: exact(commit) }),
  };
}

function glob(text: string): TextMatch {
  if (!text.includes('*')) return exact(text);
  return { kind: 'pattern', source: text.split('*').map(escapeRegExp).join('[^/]*') };
}
