import type { GitState } from '../plan/git-state.ts';
import { isTag } from '../reference/reference.ts';
import { branchOf, type Decided, gitTagOf, inapplicable, subjectOf } from './decision.ts';
import { captured } from './match.ts';
import { tagOfName } from './name.ts';
import { GIT_TAG_PREFIX, type ReservedBy, readsLikeVersion, whyReserved } from './reserved.ts';
import type { NameRule } from './rules.ts';
import { versionAtEnd } from './version.ts';

/** The rules `branch` and `tag`: the ref's own name. */
export function nameTag(rule: NameRule, git: GitState, reserved: ReservedBy): Decided {
  const { kind, text, naming } = rule;
  const name = kind === 'branch' ? branchOf(git) : gitTagOf(git);
  const subject = subjectOf(git);
  if (name === undefined) return inapplicable(text, `this run is for ${subject}`);
  const [part] = captured(naming, [name]);
  if (!part) return inapplicable(text, `${subject} does not match ${naming.match}`);
  // A rule with its own prefix distinguishes git tags by that prefix.
  const isOwn = naming.isOwn ?? naming.prefix !== '';
  const isMarked = kind === 'tag' && !isOwn && !readsLikeVersion(part.text);
  const mark = isMarked ? GIT_TAG_PREFIX : '';
  const wanted = `${naming.prefix}${mark}${part.text}`;
  const tag = withSuffix(wanted, naming.suffix);
  // The name is checked before hashing as well: a branch called `sha-…` imitates the tag of a commit.
  const why = whyReserved(wanted, kind, reserved) ?? whyReserved(tag, kind, reserved);
  if (why !== undefined) {
    const other = `the rule ${kind},prefix=${kind}- publishes it as ${kind}-${tag}`;
    const reason = `${tag} is not used as a tag for ${subject}, because it ${why}; ${other}.`;
    return { tags: [], left: [{ subject: tag, reason, fits: true }] };
  }
  const marks = [
    ...(isMarked ? [`${GIT_TAG_PREFIX}, which keeps it apart from a branch of that name`] : []),
    ...(tag === `${wanted}${naming.suffix ?? ''}` ? [] : ['a hash that keeps it apart from similar names']),
  ];
  const marked = marks.length === 0 ? '' : `, with ${marks.join(', and ')}`;
  const hint = isMarked ? versionHint(part.text) : '';
  return {
    tags: [{ tag, kind: kind === 'tag' ? 'named' : 'branch', reason: `This run is for ${subject}${marked}${hint}.` }],
    left: [],
    version: isMarked ? withSuffix(`${naming.prefix}${part.text}`, naming.suffix) : undefined,
  };
}

/** The tag of a name with the rule's prefix, and the suffix behind it. */
export function withSuffix(wanted: string, suffix = ''): string {
  const tag = `${tagOfName(wanted)}${suffix}`;
  return isTag(tag) ? tag : tagOfName(`${wanted}${suffix}`);
}

/** For the git tags of a monorepo: the rule that reads the version in them. */
function versionHint(name: string): string {
  const { before } = versionAtEnd(name) ?? { before: '' };
  if (before === '') return '';
  const v = name.startsWith('v', before.length) ? 'v' : '';
  const match = `${before.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}${v}(.*)`;
  return `; to publish its version, add the rule semver,match=${match}`;
}
