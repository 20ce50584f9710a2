import type { GitState } from '../plan/git-state.ts';
import { branchOf, type Decided, gitTagOf, inapplicable, subjectOf } from './decision.ts';
import { capturing } from './match.ts';
import { tagOfName } from './name.ts';
import { GIT_TAG_PREFIX, type ReservedBy, readsLikeVersion, whyReserved } from './reserved.ts';
import type { TagRule } from './rules.ts';

/** The rules `branch` and `tag`: the ref's own name. */
export function nameTag(
  rule: Extract<TagRule, { kind: 'branch' | 'tag' }>,
  git: GitState,
  reserved: ReservedBy,
): Decided {
  const { kind, text, naming } = rule;
  const name = kind === 'branch' ? branchOf(git) : gitTagOf(git);
  const subject = subjectOf(git);
  if (name === undefined) return inapplicable(text, `this run is for ${subject}`);
  const part = capturing(naming)(name);
  if (!part) return inapplicable(text, `${subject} does not match ${naming.match}`);
  // A rule with its own prefix distinguishes git tags by that prefix.
  const isMarked = kind === 'tag' && naming.prefix === '' && !readsLikeVersion(part.text);
  const wanted = `${isMarked ? GIT_TAG_PREFIX : naming.prefix}${part.text}`;
  const tag = tagOfName(wanted);
  // The name is checked before hashing as well: a branch called `sha-…` imitates the tag of a commit.
  const why = whyReserved(wanted, kind, reserved) ?? whyReserved(tag, kind, reserved);
  if (why !== undefined) {
    const other = `the rule ${kind},prefix=${kind}- publishes it as ${kind}-${tag}`;
    const reason = `${tag} is not used as a tag for ${subject}, because it ${why}; ${other}.`;
    return { tags: [], left: [{ subject: tag, reason, fits: true }] };
  }
  const marks = [
    ...(isMarked ? [`${GIT_TAG_PREFIX}, which keeps it apart from a branch of that name`] : []),
    ...(tag === wanted ? [] : ['a hash that keeps it apart from similar names']),
  ];
  const marked = marks.length === 0 ? '' : `, with ${marks.join(', and ')}`;
  return {
    tags: [{ tag, kind: kind === 'tag' ? 'named' : 'branch', reason: `This run is for ${subject}${marked}.` }],
    left: [],
    ...(isMarked ? { version: tagOfName(part.text) } : {}),
  };
}
