import { boundedMatches } from '../text/bounded-match.ts';

/** git allows longer names, but GitHub does not. */
const LONGEST_NAME = 1024;

/** The names that a rule applies to, and the part that becomes the tag. */
export interface Naming {
  /** Source of a regular expression for the whole name. The rule uses its first group. */
  readonly match?: string | undefined;
  /** Put in front of every tag of the rule. */
  readonly prefix: string;
  /** Put behind every tag of the rule. */
  readonly suffix?: string | undefined;
  /** Whether the prefix tells this rule's tags from those of other rules. Default: if there is one. */
  readonly isOwn?: boolean | undefined;
}

export const AS_IT_IS: Naming = { prefix: '' };

/** A tag with the rule's prefix and suffix. */
export function affixed({ prefix, suffix = '' }: Naming, tag: string): string {
  return `${prefix}${tag}${suffix}`;
}

/** The part of a branch's or git tag's name that a rule uses. */
export interface Captured {
  /** The first group, or the whole name. */
  readonly text: string;
  /** The rest of the name: git tags of one component of a monorepo have the same. */
  readonly around: string;
}

/** @throws SyntaxError for an invalid regular expression. */
export function compileMatch(source: string): RegExp {
  return new RegExp(`^(?:${source})$`, 'du');
}

/** Number of capturing groups. */
export function groupsOf(source: string): number {
  return (new RegExp(`(?:${source})|`, 'u').exec('')?.length ?? 1) - 1;
}

/**
 * The captured part of each name, in the order of the names; undefined for one that does not match.
 * @throws SlowExpression
 */
export function captured({ match }: Naming, names: readonly string[]): readonly (Captured | undefined)[] {
  if (match === undefined) return names.map((text) => ({ text, around: '' }));
  const whole = groupsOf(match) === 0;
  const found = boundedMatches(
    compileMatch(match),
    names.map((name) => name.slice(0, LONGEST_NAME)),
  );
  return names.map((name, at) => {
    const one = name.length > LONGEST_NAME ? null : found[at];
    if (!one) return undefined;
    if (whole) return { text: name, around: '' };
    // A group that is not part of the match captures nothing.
    const place = one.indices?.[1];
    if (!place) return undefined;
    const [start, end] = place;
    return { text: name.slice(start, end), around: `${name.slice(0, start)}\0${name.slice(end)}` };
  });
}
