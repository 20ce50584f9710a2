import { badInput } from '../error.ts';
import type { GitState } from '../plan/git-state.ts';
import { branchOf, type Decided, kept, one, subjectOf } from './decision.ts';
import { AS_IT_IS } from './match.ts';
import type { TagRule } from './rules.ts';
import { latestOfVersion, releasedVersion } from './version-tags.ts';

type LatestLine = Extract<TagRule, { kind: 'latest' }>;

/**
 * The only rule for `latest`: that of the input, else that of the lines, else that of `auto`.
 * @param lines as written by the user @param fitting the same, with `auto` replaced by its rules
 * @throws TidegateError `bad-input` for lines that contradict each other
 */
export function latestRule(
  lines: readonly TagRule[],
  fitting: readonly TagRule[],
  input: 'auto' | 'true' | 'false',
): LatestLine | undefined {
  if (input !== 'auto') return { kind: 'latest', when: input, text: `latest=${input}` };
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
  return first ?? fitting.find(isLatest);
}

/** Whether `latest` moves to this commit: of several rules `semver`, the first that reads the git tag decides. */
export function decideLatest({ when, match }: LatestLine, git: GitState, rules: readonly TagRule[]): Decided {
  if (when === 'true') return one({ tag: 'latest', kind: 'latest', reason: 'latest=true moves it on every run.' });
  if (when === 'false') return stays('latest=false');
  const namings = rules.flatMap((rule) => (rule.kind === 'semver' ? [rule.naming] : []));
  const own = match === undefined ? [] : [{ ...AS_IT_IS, match }];
  for (const naming of [own, namings, [AS_IT_IS]].find((some) => some.length > 0) ?? []) {
    const released = releasedVersion(git, naming);
    if (!released) continue;
    const { tags, left } = latestOfVersion(git, released);
    // Without the other lines, the rule must say which git tags it applies to.
    const text = `latest=${when}${naming.match === undefined ? '' : `,match=${naming.match}`}`;
    return { tags: tags.map((tag) => ({ ...tag, text })), left };
  }
  const branch = branchOf(git);
  if (when === 'branch' && branch === git.defaultBranch) {
    const reason = `Branch ${branch} is the default branch, and latest=branch follows it.`;
    return one({ tag: 'latest', kind: 'latest', reason });
  }
  return stays(`${subjectOf(git)} is not a version${when === 'branch' ? ' and not the default branch' : ''}`);
}

function stays(why: string): Decided {
  return { tags: [], left: [kept('latest', why, false)] };
}
