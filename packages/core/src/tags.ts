import { badInput } from './error.ts';
import type { GitState } from './git-state.ts';
import { isTag } from './reference.ts';
import { sanitiseTag } from './tag-name.ts';
import { type LatestRule, parseTagRules, type TagRule } from './tag-rules.ts';
import { compareVersions, parseVersion, type Version } from './version.ts';

/** From what stays where it is to what moves with every release: tags are set in this order. */
const ORDER = ['version', 'commit', 'date', 'named', 'pull', 'minor', 'major', 'branch', 'latest'] as const;
export type TagKind = (typeof ORDER)[number];

export interface PlannedTag {
  readonly tag: string;
  readonly kind: TagKind;
  /** Half a sentence for the summary. May hold a ref's name: escape when shown. */
  readonly reason: string;
}

export interface TagOptions {
  /** Lines of the `tags` input; none means `auto`. See parseTagRules. */
  readonly tags?: readonly string[];
  /** The `latest` input: `true` and `false` win over every rule, `auto` leaves it to them. */
  readonly latest?: 'auto' | 'true' | 'false';
  /** For the date of `schedule`. */
  readonly now: Date;
}

/**
 * The tags an image of this commit gets, most specific first. Rules that do not fit the event add nothing, so the
 * answer may be empty.
 * @throws TidegateError `bad-input` for a rule that cannot be read, or tags that are no tags.
 */
export function planTags(git: GitState, options: TagOptions): readonly PlannedTag[] {
  const rules = parseTagRules(options.tags ?? []);
  const latest = latestRule(rules, options.latest ?? 'auto');
  const planned = rules.flatMap((rule) => apply(rule, git, options.now));
  const moved = latest === undefined ? undefined : whyLatest(git, latest);
  if (moved) planned.push({ tag: 'latest', kind: 'latest', reason: moved });
  const wanted = latest === 'false' ? planned.filter(({ tag }) => tag !== 'latest') : planned;
  for (const { tag, reason } of wanted) {
    if (!isTag(tag)) throw badInput('tags', tag, `a tag of at most 128 characters (${reason})`, 'Shorten the version.');
  }
  const ordered = wanted.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return ordered.filter(({ tag }, at) => ordered.findIndex((other) => other.tag === tag) === at);
}

function apply(rule: TagRule, git: GitState, now: Date): PlannedTag[] {
  switch (rule.kind) {
    case 'auto': {
      const version = pushedVersion(git);
      const named: TagRule[] = version ? [{ kind: 'semver', prefix: '' }] : [{ kind: 'tag' }];
      const rest: TagRule[] = [{ kind: 'branch' }, { kind: 'schedule', prefix: 'nightly' }, { kind: 'pr' }];
      return [...named, ...rest].flatMap((each) => apply(each, git, now));
    }
    case 'semver':
      return versionTags(git, rule.prefix);
    case 'tag': {
      const name = gitTag(git);
      return name === undefined ? [] : [{ tag: sanitiseTag(name), kind: 'named', reason: `git tag ${name}` }];
    }
    case 'branch': {
      const name = branch(git);
      return name === undefined ? [] : [{ tag: sanitiseTag(name), kind: 'branch', reason: `branch ${name}` }];
    }
    case 'sha':
      return [{ tag: `sha-${rule.full ? git.sha : git.sha.slice(0, 12)}`, kind: 'commit', reason: 'the commit' }];
    case 'schedule': {
      if (git.event.kind !== 'schedule') return [];
      const day = now.toISOString().slice(0, 10);
      return [{ tag: `${rule.prefix}-${day.replaceAll('-', '')}`, kind: 'date', reason: `schedule of ${day} (UTC)` }];
    }
    case 'pr':
      return git.pullRequest === undefined || git.event.kind !== 'pull_request'
        ? []
        : [{ tag: `pr-${git.pullRequest}`, kind: 'pull', reason: `pull request ${git.pullRequest}` }];
    case 'raw':
      return [{ tag: rule.tag, kind: rule.tag === 'latest' ? 'latest' : 'named', reason: 'asked for by name' }];
    case 'latest':
      return [];
  }
}

/**
 * A pull request's ref may read like a branch (`pull_request_target` runs on the base branch) and the code may yet be
 * a stranger's: names of branches and tags are for events that are not about one.
 */
function branch({ event, ref }: GitState): string | undefined {
  return event.kind !== 'pull_request' && ref.kind === 'branch' ? ref.name : undefined;
}

function gitTag({ event, ref }: GitState): string | undefined {
  return event.kind !== 'pull_request' && ref.kind === 'tag' ? ref.name : undefined;
}

function pushedVersion(git: GitState): Version | undefined {
  const name = gitTag(git);
  return name === undefined ? undefined : parseVersion(name);
}

function versionTags(git: GitState, prefix: string): PlannedTag[] {
  const version = pushedVersion(git);
  if (!version) return [];
  const { major, minor } = version;
  const reason = `version ${version.tag}`;
  const tags: PlannedTag[] = [{ tag: `${prefix}${version.tag}`, kind: 'version', reason }];
  if (!version.stable) return tags;
  if (isNewest(version, git, (other) => other.major === major && other.minor === minor)) {
    tags.push({ tag: `${prefix}${major}.${minor}`, kind: 'minor', reason: `newest of ${major}.${minor}` });
  }
  // semver.org, 4: below 1.0.0 every minor version may break what came before; there is no `0` to follow.
  if (major > 0 && isNewest(version, git, (other) => other.major === major)) {
    tags.push({ tag: `${prefix}${major}`, kind: 'major', reason: `newest of ${major}` });
  }
  return tags;
}

/** Whether no stable version among the known ones is newer: a fix for 1.2 must not move `1` back from 1.3. */
function isNewest(version: Version, git: GitState, sameLine: (other: Version) => boolean): boolean {
  return !(git.knownTags ?? [])
    .map(parseVersion)
    .some((other) => other?.stable && sameLine(other) && compareVersions(other, version) > 0);
}

function latestRule(rules: readonly TagRule[], input: 'auto' | 'true' | 'false'): LatestRule | undefined {
  if (input !== 'auto') return input;
  const asked = new Set(rules.flatMap((rule) => (rule.kind === 'latest' ? [rule.when] : [])));
  const [first, second] = asked;
  if (first !== undefined && second !== undefined) {
    throw badInput('tags', `latest=${first}, latest=${second}`, 'one rule for latest', 'Keep the one you mean.');
  }
  return first ?? (rules.some((rule) => rule.kind === 'auto') ? 'auto' : undefined);
}

/** @returns why `latest` moves to this commit, or undefined where it stays. */
function whyLatest(git: GitState, rule: LatestRule): string | undefined {
  if (rule === 'true') return 'latest=true';
  if (rule === 'false') return undefined;
  const version = pushedVersion(git);
  if (version?.stable && isNewest(version, git, () => true)) return 'newest stable version';
  return rule === 'branch' && branch(git) === git.defaultBranch ? `branch ${git.defaultBranch}` : undefined;
}
