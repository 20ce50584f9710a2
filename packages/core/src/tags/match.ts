/** git allows longer names, but GitHub does not. */
const LONGEST_NAME = 1024;

/** The names that a rule applies to, and the part that becomes the tag. */
export interface Naming {
  /** Source of a regular expression for the whole name. The rule uses its first group. */
  readonly match?: string | undefined;
  /** Put in front of every tag of the rule. */
  readonly prefix: string;
}

export const AS_IT_IS: Naming = { prefix: '' };

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

/** @returns the captured part of a name; undefined for a name that does not match. */
export function capturing({ match }: Naming): (name: string) => Captured | undefined {
  if (match === undefined) return (text) => ({ text, around: '' });
  const expression = compileMatch(match);
  const whole = groupsOf(match) === 0;
  return (name) => {
    const found = name.length > LONGEST_NAME ? null : expression.exec(name);
    if (!found) return undefined;
    if (whole) return { text: name, around: '' };
    // A group that is not part of the match captures nothing.
    const at = found.indices?.[1];
    if (!at) return undefined;
    const [start, end] = at;
    return { text: name.slice(start, end), around: `${name.slice(0, start)}\0${name.slice(end)}` };
  };
}
