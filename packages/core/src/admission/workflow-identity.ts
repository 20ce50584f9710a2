import { badInput } from '../error.ts';
import { parseRepositoryName, REPOSITORY_NAME } from '../reference/repository-name.ts';
import { withoutEnd } from '../text/text.ts';
import { type ExpectedIdentity, escapeRegExp, exact, GITHUB_ISSUER, type TextMatch } from './identity.ts';

/** The source and runner that a certificate must name, in the form users write them. */
export interface SourceIdentity {
  /** `acme/app`: the repository that calls the workflow. */
  readonly repository?: string;
  /** Numeric, as GitHub's API has it. */
  readonly repositoryId?: string;
  /** `refs/heads/main`, `refs/tags/v*`. `*` is any text without `/`: git allows none in a ref. */
  readonly ref?: string;
  readonly commit?: string | undefined;
  /** Default for workflows on GitHub: `github-hosted`. */
  readonly runner?: 'github-hosted' | 'self-hosted' | 'any';
  /** Default `https://github.com`. */
  readonly server?: string;
}

/** A user's name for a workflow on GitHub. */
export interface WorkflowIdentity extends SourceIdentity {
  /** `acme/app/.github/workflows/release.yml`; `@refs/tags/v1.2.3` after it requires the version of that ref. */
  readonly workflow: string;
  readonly issuer?: string;
}

const WORKFLOW = new RegExp(String.raw`^(${REPOSITORY_NAME}/\.github/workflows/[^@\s*]+\.ya?ml)(?:@(\S+))?$`);
const REF = /^refs\/[^\s~^:?[\\]+$/;
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
/**
 * Tidegate's reusable workflow, in its own repository and in copies: every repository that calls it has its identity.
 */
const SHARED = 'commit-to-registry.yml';

/**
 * The identity of a GitHub workflow, as Fulcio certifies it. The subject is the workflow that ran the job
 * (job_workflow_ref: the reusable one where there is one) and is the same for every repository that calls it. The
 * source is the repository that called it. Default source: the workflow's own repository.
 * @throws TidegateError `bad-input`, also for a shared workflow without a source repository
 */
export function workflowIdentity(given: WorkflowIdentity): ExpectedIdentity {
  const server = serverOf(given);
  const [, path, at] = WORKFLOW.exec(given.workflow) ?? [];
  if (path === undefined) {
    throw badInput(
      'signer-claim-invalid',
      'workflow',
      given.workflow,
      'owner/repository/.github/workflows/FILE.yml, optionally with @REF',
      'Write a workflow such as acme/app/.github/workflows/release.yml@refs/heads/main.',
    );
  }
  const workflow = `${server}/${path}@`;
  // Without a ref, any version of this one workflow matches; the @ excludes release.yml.evil.yml.
  const subject: TextMatch =
    at === undefined ? { kind: 'pattern', source: `${escapeRegExp(workflow)}.+` } : glob(workflow + at);
  return signerIdentity(subject, given.issuer ?? GITHUB_ISSUER, given, 'workflow', given.workflow);
}

/**
 * A subject in any form, with its other claims. For a workflow, the source repository is always compared: without it,
 * an image of every repository that calls the workflow would be accepted.
 * @param input and its value, for messages
 * @throws TidegateError `bad-input`
 */
export function signerIdentity(
  subject: TextMatch,
  issuer: string,
  source: SourceIdentity,
  input: string,
  value: string,
): ExpectedIdentity {
  const workflow = workflowOf(subject);
  const ofGitHub = workflow !== undefined || issuer === GITHUB_ISSUER || issuer.startsWith(`${GITHUB_ISSUER}/`);
  const { runner = ofGitHub ? 'github-hosted' : 'any' } = source;
  const claims = sourceIdentity({ ...source, runner });
  const own = workflow?.file.endsWith(`/${SHARED}`) ? undefined : workflow?.repository;
  const sourceRepository = claims.sourceRepository ?? (own === undefined ? undefined : exact(own));
  if (ofGitHub && !sourceRepository) {
    throw badInput(
      'signer-missing',
      input,
      value,
      'source-repository as well, because every repository that calls this workflow has the same identity',
      'Set source-repository to the repository that the image is built from, for example acme/app.',
    );
  }
  return { issuer: exact(issuer), subject, ...claims, sourceRepository };
}

/** @throws TidegateError `bad-input` */
function sourceIdentity(given: SourceIdentity): Omit<ExpectedIdentity, 'issuer' | 'subject'> {
  const { repository, repositoryId, ref, commit, runner } = given;
  if (repository !== undefined) parseRepositoryName(repository, 'source-repository');
  if (repositoryId !== undefined && !/^[1-9]\d{0,18}$/.test(repositoryId)) {
    throw badInput(
      'signer-claim-invalid',
      'source-repository-id',
      repositoryId,
      'the numeric id of the repository',
      'Look it up with `gh api repos/OWNER/REPOSITORY --jq .id`.',
    );
  }
  if (ref !== undefined && !REF.test(ref)) {
    throw badInput(
      'signer-claim-invalid',
      'source-ref',
      ref,
      'a full ref',
      'Write a ref such as refs/heads/main or refs/tags/v*.',
    );
  }
  if (commit !== undefined && !COMMIT.test(commit)) {
    throw badInput(
      'signer-claim-invalid',
      'source-commit',
      commit,
      'a full commit of 40 (or 64) hex digits',
      'Write the full commit: abbreviated commits can collide.',
    );
  }
  return {
    sourceRepository: repository === undefined ? undefined : exact(`${serverOf(given)}/${repository}`),
    sourceRepositoryId: repositoryId === undefined ? undefined : exact(repositoryId),
    sourceRef: ref === undefined ? undefined : glob(ref),
    sourceDigest: commit === undefined ? undefined : exact(commit),
    runnerEnvironment: runner === undefined || runner === 'any' ? undefined : exact(runner),
  };
}

function serverOf({ server = 'https://github.com' }: SourceIdentity): string {
  return withoutEnd(server, '/');
}

function glob(text: string): TextMatch {
  if (!text.includes('*')) return exact(text);
  return { kind: 'pattern', source: text.split('*').map(escapeRegExp).join('[^/]*') };
}

/** A workflow file as a subject names it: `https://github.com/acme/app/.github/workflows/release.yml`. */
export interface WorkflowFile {
  /** `https://github.com/acme/app` */
  readonly repository: string;
  readonly file: string;
  /** Literal text after the `@`, up to the start of a pattern. */
  readonly ref: string;
}

/** The workflow that all matching identities have in common; undefined if that is not one file of one repository. */
export function workflowOf(subject: TextMatch): WorkflowFile | undefined {
  const literal = subject.kind === 'exact' ? subject.value : literalStart(subject.source);
  const at = literal.indexOf('@');
  const file = literal.slice(0, Math.max(0, at));
  const repository = file.slice(0, Math.max(0, file.indexOf('/.github/workflows/')));
  if (!/^https:\/\/[^/]+\/[^/]+\/[^/]+$/.test(repository) || !/[^/]\.ya?ml$/.test(file)) return undefined;
  return { repository, file, ref: literal.slice(at + 1) };
}

/** The literal prefix of every text that matches a regular expression from end to end. */
function literalStart(source: string): string {
  let text = '';
  // A top-level branch has another prefix; an escaped one is text. Too strict for `[|]`, and safe.
  if (/(^|[^\\])(\\\\)*\|/.test(source)) return '';
  for (let at = 0; at < source.length; at += 1) {
    const escaped = source[at] === '\\';
    const next = source[at + (escaped ? 1 : 0)] ?? '';
    const special = /[\\^$.*+?()[\]{}|]/.test(next);
    if (escaped !== special && !(escaped && next === '/')) return text;
    if (escaped) at += 1;
    // The character before a quantifier may be absent.
    if (/[*?{]/.test(source[at + 1] ?? '')) return text;
    text += next;
  }
  return text;
}
