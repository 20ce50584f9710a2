import { badInput } from '../error.ts';
import type { GitState } from '../plan/git-state.ts';
import { isTag } from '../reference/reference.ts';
import {
  type Decided,
  inapplicable,
  kept,
  type OmittedTag,
  one,
  type PlannedTag,
  subjectOf,
  TAG_ORDER,
} from './decision.ts';
import { decideLatest, latestRule } from './latest.ts';
import { AS_IT_IS } from './match.ts';
import { nameTag } from './name-tags.ts';
import { GIT_TAG_PREFIX, type ReservedBy } from './reserved.ts';
import { parseTagRules, type TagRule } from './rules.ts';
import { asDecided, whySuperseded } from './superseded.ts';
import { releasedVersion, versionTags } from './version-tags.ts';

export interface TagOptions {
  /** Lines of the `tags` input; none means `auto`. See parseTagRules. */
  readonly tags?: readonly string[];
  /** The `latest` input: `true` and `false` override every rule, `auto` leaves it to them. */
  readonly latest?: 'auto' | 'true' | 'false';
  /** For the date of `schedule`. */
  readonly now: Date;
}

export interface TagPlan {
  /** Most specific first: the order in which they are set. May be empty. */
  readonly tags: readonly PlannedTag[];
  /** Tags that are not set, with reasons. */
  readonly left: readonly OmittedTag[];
  /** Value of the label `version`: that of the first rule, in docker/metadata-action's order. */
  readonly version?: string | undefined;
}

/**
 * The tags that an image of this commit gets, and those that it does not.
 * @throws TidegateError `bad-input` for a rule that cannot be read, or a version too long for a tag.
 */
export function planTags(git: GitState, options: TagOptions): TagPlan {
  const lines = parseTagRules(options.tags ?? []);
  const rules = lines.flatMap((rule) => (rule.kind === 'auto' ? fitting(rule, git) : [rule]));
  const latest = latestRule(lines, rules, options.latest ?? 'auto');
  const reserved = reservedBy(rules);
  const decided = rules.flatMap((rule) =>
    rule.kind === 'latest' ? [] : [{ rule, ...decide(rule, asDecided(git, rule.decided), reserved, options.now) }],
  );
  const all = latest
    ? [...decided, { rule: latest, ...decideLatest(latest, asDecided(git, latest.decided), rules) }]
    : decided;
  const planned = eachOnce(all, git, latest?.when === 'false');
  const set = planned.filter(({ overtaken }) => overtaken === undefined).map(({ tag }) => tag);
  const left = [
    ...all.flatMap(({ rule, left }) => left.filter(({ subject }) => isMeant(rule, subject))),
    ...planned.flatMap(({ tag, overtaken }) => (overtaken === undefined ? [] : [kept(tag.tag, overtaken)])),
  ];
  const version = versionOf(decided);
  return {
    tags: set,
    left: left.filter(({ subject }) => !set.some(({ tag }) => tag === subject)),
    version,
  };
}

type Rule = { readonly rule: TagRule };

interface Candidate {
  readonly tag: PlannedTag;
  /** Why it may not be set after all. */
  readonly overtaken?: string | undefined;
}

/** Each tag once, in the order in which they are set. */
function eachOnce(all: readonly (Decided & Rule)[], git: GitState, neverLatest: boolean): readonly Candidate[] {
  const candidates = all.flatMap(({ rule, tags }) =>
    tags
      .filter(({ tag }) => isMeant(rule, tag) && !(neverLatest && tag === 'latest'))
      .map(({ text, ...tag }): Candidate => {
        const ofCommit = tag.kind === 'commit' || tag.kind === 'pull';
        const overtaken = ofCommit ? undefined : whySuperseded(git, rule.decided);
        return {
          tag: { ...tag, rule: ruleOf(rule, tag.tag, git, text) },
          overtaken,
        };
      }),
  );
  for (const { tag } of candidates) {
    if (isTag(tag.tag)) continue;
    throw badInput(
      'tag-invalid',
      'tags',
      tag.tag,
      `a tag of at most 128 characters (${tag.reason})`,
      'Shorten the version.',
    );
  }
  const ordered = candidates.toSorted((a, b) => TAG_ORDER.indexOf(a.tag.kind) - TAG_ORDER.indexOf(b.tag.kind));
  return ordered.filter(({ tag }, at) => ordered.findIndex((other) => other.tag.tag === tag.tag) === at);
}

function isMeant({ only }: TagRule, tag: string): boolean {
  return only === undefined || only === tag;
}

/**
 * The line for another job of the same run. Dates and names stay as planned, even if the rule would produce others by
 * then.
 */
function ruleOf(rule: TagRule, tag: string, { attempt }: GitState, text = rule.text): string {
  const named = rule.kind === 'schedule' || rule.kind === 'raw' ? `raw=${tag}` : `${text},only=${tag}`;
  return `${named},decided=${attempt}`;
}

/** docker/metadata-action, README, "priority attribute". It calls the rule `tag` with `match` type=match. */
function priorityOf(rule: TagRule): number {
  switch (rule.kind) {
    case 'schedule':
      return 1000;
    case 'semver':
      return 900;
    case 'tag':
      return rule.naming.match === undefined ? 600 : 800;
    case 'branch':
    case 'pr':
      return 600;
    case 'raw':
      return 200;
    default:
      return 100;
  }
}

function versionOf(decided: readonly (Decided & Rule)[]): string | undefined {
  const saying = decided.filter(({ version, tags }) => version !== undefined || tags.length > 0);
  const [first] = saying.toSorted((a, b) => priorityOf(b.rule) - priorityOf(a.rule));
  return first?.version ?? first?.tags[0]?.tag;
}

/** The rules of `auto` for this event. */
function fitting({ only: tag }: TagRule, git: GitState): readonly TagRule[] {
  const only = tag === undefined ? {} : { only: tag };
  if (git.event.kind === 'pull_request' || git.ref.kind === 'pull') return [{ kind: 'pr', text: 'pr', ...only }];
  if (git.ref.kind === 'branch') {
    const branch: TagRule = { kind: 'branch', naming: AS_IT_IS, text: 'branch', ...only };
    const day: TagRule = { kind: 'schedule', prefix: 'nightly', text: 'schedule', ...only };
    return git.event.kind === 'schedule' ? [day, branch] : [branch];
  }
  if (!releasedVersion(git, AS_IT_IS)) return [{ kind: 'tag', naming: AS_IT_IS, text: 'tag', ...only }];
  return [
    { kind: 'semver', naming: AS_IT_IS, text: 'semver', ...only },
    { kind: 'latest', when: 'auto', text: 'latest', ...only },
  ];
}

function reservedBy(rules: readonly TagRule[]): ReservedBy {
  return {
    versionPrefixes: rules.flatMap((rule) => (rule.kind === 'semver' ? [rule.naming.prefix] : [])),
    tagPrefixes: [
      GIT_TAG_PREFIX,
      ...rules.flatMap((rule) => (rule.kind === 'tag' && rule.naming.prefix ? [rule.naming.prefix] : [])),
    ],
    schedulePrefixes: ['nightly', ...rules.flatMap((rule) => (rule.kind === 'schedule' ? [rule.prefix] : []))],
  };
}

function decide(rule: TagRule, git: GitState, reserved: ReservedBy, now: Date): Decided {
  switch (rule.kind) {
    case 'semver':
      return versionTags(git, rule.text, rule.naming);
    case 'tag':
    case 'branch':
      return nameTag(rule, git, reserved);
    case 'sha': {
      const tag = `sha-${rule.full ? git.sha : git.sha.slice(0, SHORT_SHA)}`;
      return one({ tag, kind: 'commit', reason: `The rule ${rule.text} names the commit.` });
    }
    case 'schedule': {
      if (git.event.kind !== 'schedule') return inapplicable(rule.text, `this run is for the event ${git.event.name}`);
      const day = now.toISOString().slice(0, 10);
      const tag = `${rule.prefix}-${day.replaceAll('-', '')}`;
      return one({ tag, kind: 'date', reason: `The schedule ran on ${day} (UTC).` });
    }
    case 'pr':
      return git.pullRequest === undefined || git.event.kind !== 'pull_request'
        ? inapplicable(rule.text, `this run is for ${subjectOf(git)}`)
        : one({
            tag: `pr-${git.pullRequest}`,
            kind: 'pull',
            reason: `This run is for pull request ${git.pullRequest}.`,
          });
    case 'raw': {
      const kind = isOfCommit(rule.tag, git) ? 'commit' : rule.tag === 'latest' ? 'latest' : 'named';
      return one({ tag: rule.tag, kind, reason: `The input tags names ${rule.tag}.` });
    }
    case 'latest':
    case 'auto':
      return { tags: [], left: [] };
  }
}

const SHORT_SHA = 12;

/** A tag that is unique to this commit. */
function isOfCommit(tag: string, { sha }: GitState): boolean {
  return tag.length >= 'sha-'.length + SHORT_SHA && `sha-${sha}`.startsWith(tag);
}
