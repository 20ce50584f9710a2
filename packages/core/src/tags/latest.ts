import { badInput } from '../error.ts';
import type { GitState } from '../plan/git-state.ts';
import { branchOf, type Decided, kept, one, subjectOf } from './decision.ts';
import { AS_IT_IS } from './match.ts';
import { attributesText } from './rule-attributes.ts';
import type { Affixes, TagRule } from './rules.ts';
import { latestOfVersion, releasedVersion } from './version-tags.ts';

type LatestLine = Extract<TagRule, { kind: 'latest' }>;

/**
 * The only rule for `latest`: that of the input, else that of the lines, else that of `auto`.
 * @param lines as written by the user @param fitting the same, with `auto` replaced by its rules
 * @param affixes around the tag that the input moves
 * @throws TidegateError `bad-input` for lines that contradict each other
 */
export function latestRule(
  lines: readonly TagRule[],
  fitting: readonly TagRule[],
  input: 'auto' | 'true' | 'false',
  affixes: Affixes,
): LatestLine | undefined {
  if (input !== 'auto') return { kind: 'latest', when: input, text: `latest=${input}`, affixes };
  const isLatest = (rule: TagRule) => rule.kind === 'latest';
  const asked = lines.filter(isLatest);
  const [first] = asked;
  const second = asked.find(({ when }) => when !== first?.when);
  if (first && second) {
    throw badInput(
      'tag-rule-invalid',
      'tags',
      `${first.text}, ${second.text}`,
      'one rule for latest',
      'Remove one of the two.',
    );
  }
  // The same rule with the flavor, which does not change its words.
  return fitting.filter(isLatest).find((rule) => first === undefined || rule.text === first.text);
}

/** Whether `latest` moves to this commit: of several rules `semver`, the first that reads the git tag decides. */
export function decideLatest({ when, match, affixes }: LatestLine, git: GitState, rules: readonly TagRule[]): Decided {
  const tag = `${affixes?.prefix ?? ''}latest${affixes?.suffix ?? ''}`;
  /** Without the other lines, the rule must say which git tags it applies to, and how the tag is called. */
  const { prefix, suffix } = affixes ?? {};
  const text = (read?: string) =>
    `latest=${when}${attributesText({ match: read, prefix: prefix || undefined, suffix: suffix || undefined })}`;
  if (when === 'true') return one({ tag, kind: 'latest', reason: 'latest=true moves it on every run.', text: text() });
  if (when === 'false') return stays(tag, 'latest=false');
  const namings = rules.flatMap((rule) => (rule.kind === 'semver' ? [rule.naming] : []));
  const own = match === undefined ? [] : [{ ...AS_IT_IS, match }];
  for (const naming of [own, namings, [AS_IT_IS]].find((some) => some.length > 0) ?? []) {
    const released = releasedVersion(git, naming);
    if (!released) continue;
    const { tags, left } = latestOfVersion(git, released, tag);
    return { tags: tags.map((planned) => ({ ...planned, text: text(naming.match) })), left };
  }
  const branch = branchOf(git);
  if (when === 'branch' && branch === git.defaultBranch) {
    const reason = `Branch ${branch} is the default branch, and latest=branch follows it.`;
    return one({ tag, kind: 'latest', reason, text: text() });
  }
  return stays(tag, `${subjectOf(git)} is not a version${when === 'branch' ? ' and not the default branch' : ''}`);
}

function stays(tag: string, why: string): Decided {
  return { tags: [], left: [kept(tag, why, false)] };
}
