import type { GitState } from '../plan/git-state.ts';

/** From what stays where it is to what moves with every release: tags are set in this order. */
export const TAG_ORDER = ['version', 'commit', 'date', 'named', 'pull', 'minor', 'major', 'branch', 'latest'] as const;
type TagKind = (typeof TAG_ORDER)[number];

/** A tag that the image gets. */
export interface PlannedTag {
  readonly tag: string;
  readonly kind: TagKind;
  /** One sentence. May hold a ref's name: escape when shown. */
  readonly reason: string;
  /** A line for the `tags` input that gives this tag alone, for as long as the reason holds. */
  readonly rule: string;
}

/** A tag that a rule stands for and the image does not get, or a rule that gives none. */
export interface OmittedTag {
  /** `1.2`, `latest`; the rule's own line where no tag is known. */
  readonly subject: string;
  /** One sentence. May hold a ref's name: escape when shown. */
  readonly reason: string;
  /** False where the rule is for other events: a rule for git tags in a push of a branch is nothing to worry about. */
  readonly fits: boolean;
}

/** What one rule says: the tags it gives, and those it does not. */
export interface Decided {
  readonly tags: readonly (Omit<PlannedTag, 'rule'> & {
    /** The rule to write down for this tag, where that is not the rule's own line. */
    readonly text?: string;
  })[];
  readonly left: readonly OmittedTag[];
  /** What the image's version is by this rule, where that is not its first tag. */
  readonly version?: string;
}

export function one(tag: Decided['tags'][number]): Decided {
  return { tags: [tag], left: [] };
}

export function inapplicable(rule: string, why: string): Decided {
  return { tags: [], left: [{ subject: rule, reason: `The rule ${rule} gives no tag: ${why}.`, fits: false }] };
}

/**
 * A pull request's ref may read like a branch (`pull_request_target` runs on the base branch) and the code may yet be
 * a stranger's: names of branches and git tags are for events that are not about one.
 */
export function branchOf({ event, ref }: GitState): string | undefined {
  return event.kind !== 'pull_request' && ref.kind === 'branch' ? ref.name : undefined;
}

export function gitTagOf({ event, ref }: GitState): string | undefined {
  return event.kind !== 'pull_request' && ref.kind === 'tag' ? ref.name : undefined;
}

/** A tag that stays where it points. */
export function kept(tag: string, why: string, fits = true): OmittedTag {
  return { subject: tag, reason: `${tag} stays where it is: ${why}.`, fits };
}

/** `branch main`, for sentences. */
export function subjectOf(git: GitState): string {
  const { event, ref } = git;
  if (event.kind === 'pull_request' || ref.kind === 'pull') return `pull request ${git.pullRequest ?? ''}`.trim();
  return `${ref.kind === 'tag' ? 'git tag' : 'branch'} ${ref.name}`;
}
