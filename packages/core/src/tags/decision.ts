import type { GitState } from '../plan/git-state.ts';

/** Order in which tags are set: from fixed tags to those that move with every release. */
export const TAG_ORDER = ['version', 'commit', 'date', 'named', 'pull', 'minor', 'major', 'branch', 'latest'] as const;
type TagKind = (typeof TAG_ORDER)[number];

/** A tag that the image gets. */
export interface PlannedTag {
  readonly tag: string;
  readonly kind: TagKind;
  /** One sentence. May contain a ref's name: escape it for display. */
  readonly reason: string;
  /** A line for the `tags` input that sets only this tag, while the reason is valid. */
  readonly rule: string;
}

/** A tag of a rule that is not set, or a rule that sets no tag. */
export interface OmittedTag {
  /** `1.2`, `latest`; the rule's own line if no tag is known. */
  readonly subject: string;
  /** One sentence. May contain a ref's name: escape it for display. */
  readonly reason: string;
  /** False if the rule is for other events, such as a rule for git tags in a push of a branch. */
  readonly fits: boolean;
}

/** The result of one rule: the tags it sets, and those it does not set. */
export interface Decided {
  readonly tags: readonly (Omit<PlannedTag, 'rule'> & {
    /** The rule to record for this tag, if different from the rule's own line. */
    readonly text?: string;
  })[];
  readonly left: readonly OmittedTag[];
  /** The image's version by this rule, if different from its first tag. */
  readonly version?: string | undefined;
}

export function one(tag: Decided['tags'][number]): Decided {
  return { tags: [tag], left: [] };
}

export function inapplicable(rule: string, why: string): Decided {
  return { tags: [], left: [{ subject: rule, reason: `The rule ${rule} gives no tag: ${why}.`, fits: false }] };
}

/**
 * A pull request's ref may look like a branch (`pull_request_target` runs on the base branch) while the code is
 * untrusted. So names of branches and git tags are used only for events that are not about a pull request.
 */
export function branchOf({ event, ref }: GitState): string | undefined {
  return event.kind !== 'pull_request' && ref.kind === 'branch' ? ref.name : undefined;
}

export function gitTagOf({ event, ref }: GitState): string | undefined {
  return event.kind !== 'pull_request' && ref.kind === 'tag' ? ref.name : undefined;
}

/** A tag that is not moved. */
export function kept(tag: string, why: string, fits = true): OmittedTag {
  return { subject: tag, reason: `${tag} stays where it is: ${why}.`, fits };
}

/** `branch main`, for sentences. */
export function subjectOf(git: GitState): string {
  const { event, ref } = git;
  if (event.kind === 'pull_request' || ref.kind === 'pull') return `pull request ${git.pullRequest ?? ''}`.trim();
  return `${ref.kind === 'tag' ? 'git tag' : 'branch'} ${ref.name}`;
}
