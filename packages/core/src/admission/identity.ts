import { badInput } from '../error.ts';

/** Compared as a whole: `exact` byte for byte, `pattern` as a regular expression that must match from end to end. */
export type TextMatch =
  | { readonly kind: 'exact'; readonly value: string }
  | { readonly kind: 'pattern'; readonly source: string };

/** The claims about the signer that Fulcio certified (fulcio `docs/oid-info.md`). URIs and refs in GitHub's form. */
export interface CertifiedIdentity {
  /** The one subject alternative name: a workflow's URI with its ref, or an e-mail address. */
  readonly subject: string;
  /** The OpenID Connect issuer of the identity. */
  readonly issuer: string;
  /** 1.3.6.1.4.1.57264.1.12, `https://github.com/acme/app`. */
  readonly sourceRepository?: string | undefined;
  /** .15, `123456789`: a repository that is deleted and recreated under its name has another id. */
  readonly sourceRepositoryId?: string | undefined;
  /** .13, the commit that was built. */
  readonly sourceDigest?: string | undefined;
  /** .14, `refs/tags/v1.2.3`. */
  readonly sourceRef?: string | undefined;
  /** .11, `github-hosted` or `self-hosted`. */
  readonly runnerEnvironment?: string | undefined;
  /** .20, `push`. */
  readonly buildTrigger?: string | undefined;
}

/** The trusted keyless signers. Claims that are left out are not compared; issuer and subject always are. */
export interface ExpectedIdentity {
  readonly issuer: TextMatch;
  readonly subject: TextMatch;
  readonly sourceRepository?: TextMatch | undefined;
  readonly sourceRepositoryId?: TextMatch | undefined;
  readonly sourceDigest?: TextMatch | undefined;
  readonly sourceRef?: TextMatch | undefined;
  readonly runnerEnvironment?: TextMatch | undefined;
  readonly buildTrigger?: TextMatch;
}

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

export const exact = (value: string): TextMatch => ({ kind: 'exact', value });

/**
 * A regular expression that must match the whole text: JavaScript's syntax, which agrees with Go's where both accept
 * it.
 */
export function pattern(source: string, input: string): TextMatch {
  try {
    new RegExp(source, 'u');
  } catch {
    throw badInput(
      'input-format-wrong',
      input,
      source,
      'a regular expression',
      'Write a pattern for the whole text: no ^ or $ is needed.',
    );
  }
  return { kind: 'pattern', source: bare(source) };
}

/** `^` and `$` have no effect here; if kept, they would end up inside the group that anchors. */
function bare(source: string): string {
  // With a top-level `|`, removing an anchor could change one branch only.
  if (/\|/.test(source)) return source;
  return source.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
}

/** Anchored at both ends for `cosign --certificate-identity-regexp`, which matches anywhere in the text. */
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
  sourceRepositoryId: 'source repository id',
  sourceDigest: 'source commit',
  sourceRef: 'source ref',
  runnerEnvironment: 'runner environment',
  buildTrigger: 'build trigger',
};

/** The claims that differ, one sentence each; empty if the identity is the expected one. */
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

/** The signer of one certificate and no other: every claim, byte for byte. */
export function exactIdentity(found: CertifiedIdentity): ExpectedIdentity {
  return Object.fromEntries(
    Object.entries(found).flatMap(([key, value]) => (value === undefined ? [] : [[key, exact(value)]])),
  ) as unknown as ExpectedIdentity;
}

/** The same signer in later runs, at other commits and by other events. */
export function inLaterRuns({ sourceDigest: _, buildTrigger: __, ...identity }: ExpectedIdentity): ExpectedIdentity {
  return identity;
}

const ANY_TAG = 'refs/tags/.+';

/**
 * The same signer in earlier runs, for a run that reads what they have signed. A run of a branch trusts runs of that
 * branch alone, so that people who may push elsewhere have no influence on it. Each git tag has one run, so a run of a
 * tag trusts runs of other tags of the repository. That is no more than a tag may do anyway: it runs the workflow as it
 * is in the tag.
 */
export function inEarlierRuns(expected: ExpectedIdentity): ExpectedIdentity {
  const { subject, sourceRef, sourceRepository, ...identity } = inLaterRuns(expected);
  const same = { ...identity, subject, sourceRepository };
  if (sourceRef?.kind !== 'exact') return { ...same, sourceRef };
  if (!sourceRef.value.startsWith('refs/tags/')) return { ...same, sourceRef };
  return { ...same, subject: atAnyTag(subject, sourceRef.value, sourceRepository), sourceRef: tagPattern('') };
}

/** The repository's own workflow is read from the tag as well; a shared one has a ref of its own, which stays. */
function atAnyTag(subject: TextMatch, ref: string, repository: TextMatch | undefined): TextMatch {
  const isOwn =
    subject.kind === 'exact' &&
    repository?.kind === 'exact' &&
    subject.value.startsWith(`${repository.value}/`) &&
    subject.value.endsWith(`@${ref}`);
  return isOwn ? tagPattern(subject.value.slice(0, -ref.length)) : subject;
}

function tagPattern(before: string): TextMatch {
  return { kind: 'pattern', source: `${escapeRegExp(before)}${ANY_TAG}` };
}
