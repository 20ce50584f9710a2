import { badInput } from '../error.ts';
import type { GitState } from '../plan/git-state.ts';
import { isTag } from '../reference/reference.ts';
import { ofAuto } from './automatic.ts';
import { flavoredDecision } from './decide-rule.ts';
import { branchOf, type Decided, kept, type OmittedTag, type PlannedTag, TAG_ORDER } from './decision.ts';
import { type Flavor, parseFlavor } from './docker/flavor.ts';
import { automaticLatest } from './docker/latest-line.ts';
import { isOfVersions } from './docker/line.ts';
import type { LineFacts } from './docker/named.ts';
import { affixesOfFlavor, affixesOfLatest, flavored, NO_AFFIXES } from './flavored.ts';
import { inTime } from './in-time.ts';
import { decideLatest, latestRule } from './latest.ts';
import { CACHE_TAG, isCacheTag, isReferrersTag } from './reserved.ts';
import { reservedBy } from './reserved-by.ts';
import { type Affixes, parseTagRules, type TagRule } from './rules.ts';
import { asDecided, whySuperseded } from './superseded.ts';

export interface TagOptions {
  /** Lines of the `tags` input; none means `auto`. See parseTagRules. */
  readonly tags?: readonly string[];
  /** Lines of the `flavor` input. See parseFlavor. */
  readonly flavor?: readonly string[];
  /** The `latest` input: `true` and `false` override every rule, `auto` leaves it to them. */
  readonly latest?: 'auto' | 'true' | 'false';
  /** For dates. */
  readonly now: Date;
  /** Digits of `type=sha` and `{{sha}}`. Default 7, as in docker/metadata-action. */
  readonly shortSha?: number | undefined;
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
  const flavor = parseFlavor(options.flavor ?? []);
  const lines = parseTagRules(options.tags ?? [], { flavor });
  const facts = { git, now: options.now, shortSha: options.shortSha ?? DOCKER_SHORT_SHA };
  const affixes = affixesOfFlavor(flavor, facts);
  const rules = lines
    .flatMap((rule) => (rule.kind === 'auto' ? ofAuto(rule, git) : [rule]))
    .map((rule) => flavored(rule, flavor, affixes ?? NO_AFFIXES));
  const around = affixesOfLatest(flavor, affixes ?? NO_AFFIXES);
  const latest = latestRule(lines, rules, latestInput(options.latest ?? 'auto', flavor, lines), around);
  const mainBranch = branchOf(git) === git.defaultBranch ? undefined : git.defaultBranch || undefined;
  const ofRun = { affixes: affixes ?? NO_AFFIXES, around, shortSha: facts.shortSha, mainBranch };
  const lineFacts: LineFacts = { ...facts, reserved: reservedBy(rules, ofRun) };
  const decided = rules.flatMap((rule) =>
    rule.kind === 'latest' ? [] : [{ rule, ...inTime(rule, git, () => flavoredDecision(rule, lineFacts, affixes)) }],
  );
  const all = [...decided, ...latestDecisions(latest, rules, firstOf(decided), flavor, around, lineFacts)];
  const planned = eachOnce(all, git, latest?.when === 'false', (affixes?.prefix || affixes?.suffix) !== '');
  const set = planned.filter(({ overtaken }) => overtaken === undefined).map(({ tag }) => tag);
  const left = [
    ...all.flatMap(({ rule, left }) => left.filter(({ subject }) => isMeant(rule, subject))),
    ...planned.flatMap(({ tag, overtaken }) => (overtaken === undefined ? [] : [kept(tag.tag, overtaken)])),
  ];
  return {
    tags: set,
    left: left.filter(({ subject }) => !set.some(({ tag }) => tag === subject)),
    version: versionOf(decided),
  };
}

/** docker/metadata-action, README, "type=sha". */
export const DOCKER_SHORT_SHA = 7;

/**
 * The input `latest` and the flavor's. The flavor's `false` only means that `latest` needs a line of its own, as in
 * docker/metadata-action.
 * @throws TidegateError `bad-input` if they contradict each other
 */
function latestInput(input: 'auto' | 'true' | 'false', flavor: Flavor, lines: readonly TagRule[]) {
  if (input !== 'auto' && flavor.latest !== 'auto' && input !== flavor.latest) {
    throw badInput(
      'flavor-invalid',
      'flavor',
      `latest=${flavor.latest}`,
      `latest=${input}, as in the input latest`,
      'Remove one of the two.',
    );
  }
  const short = lines.every(({ kind }) => kind !== 'docker');
  return input === 'auto' && short && flavor.latest === 'true' ? 'true' : input;
}

function latestDecisions(
  latest: Extract<TagRule, { kind: 'latest' }> | undefined,
  rules: readonly TagRule[],
  first: TagRule | undefined,
  flavor: Flavor,
  around: Affixes,
  facts: LineFacts,
): readonly (Decided & Rule)[] {
  if (latest) {
    if (flavor.latest === 'false' && latest.when === 'auto') return [];
    const { git } = facts;
    const decision = inTime(latest, git, () => decideLatest(latest, asDecided(git, latest.decided), rules));
    return [{ rule: latest, ...decision }];
  }
  const automatic = automaticLatest(first, flavor, around, facts);
  return automatic ? [{ rule: automatic.rule, ...automatic.decision }] : [];
}

type Rule = { readonly rule: TagRule };

interface Candidate {
  readonly tag: PlannedTag;
  /** Why it may not be set after all. */
  readonly overtaken?: string | undefined;
}

/** Each tag once, in the order in which they are set. */
function eachOnce(
  all: readonly (Decided & Rule)[],
  git: GitState,
  neverLatest: boolean,
  hasFlavor: boolean,
): readonly Candidate[] {
  const candidates = all.flatMap(({ rule, tags }) =>
    tags
      .filter(({ tag }) => isMeant(rule, tag) && !(neverLatest && tag === 'latest'))
      .map(({ text, ...tag }): Candidate => {
        const ofCommit = tag.kind === 'commit' || tag.kind === 'pull';
        const overtaken = ofCommit ? undefined : whySuperseded(git, rule.decided);
        return {
          tag: { ...tag, rule: ruleOf(rule, tag.tag, git, hasFlavor, text) },
          overtaken,
        };
      }),
  );
  for (const { tag } of candidates) {
    if (isCacheTag(tag.tag)) {
      const expected = `a tag that is not one of build caches (${CACHE_TAG}-…)`;
      throw badInput('tag-invalid', 'tags', tag.tag, expected, 'Choose another tag or prefix.');
    }
    if (isTag(tag.tag) && !isReferrersTag(tag.tag)) continue;
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
function ruleOf(rule: TagRule, tag: string, { attempt }: GitState, hasFlavor: boolean, text = rule.text): string {
  const named = isWrittenAsTag(rule, hasFlavor) ? `raw=${tag}` : `${text},only=${tag}`;
  return `${named},decided=${attempt}`;
}

/** Rules that other versions decide on are written as they are; of the others, the tag is enough. */
function isWrittenAsTag(rule: TagRule, hasFlavor: boolean): boolean {
  switch (rule.kind) {
    case 'schedule':
    case 'raw':
      return true;
    case 'branch':
    case 'tag':
    case 'sha':
    case 'pr':
      return hasFlavor && rule.decided === undefined;
    case 'docker': {
      const { type, prefix, suffix, value } = rule.line;
      const isDated = [prefix, suffix, value].some((template) => template?.names.has('date'));
      return isDated || !isOfVersions(type);
    }
    default:
      return false;
  }
}

/** docker/metadata-action, README, "priority attribute". It calls the rule `tag` with `match` type=match. */
function priorityOf(rule: TagRule): number {
  switch (rule.kind) {
    case 'docker':
      return rule.line.priority;
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

/** The rule that comes first in docker/metadata-action's order, of those that say a tag or a version. */
function firstDecision(decided: readonly (Decided & Rule)[]): (Decided & Rule) | undefined {
  const saying = decided.filter(({ version, tags }) => version !== undefined || tags.length > 0);
  return saying.toSorted((a, b) => priorityOf(b.rule) - priorityOf(a.rule))[0];
}

function firstOf(decided: readonly (Decided & Rule)[]): TagRule | undefined {
  return firstDecision(decided)?.rule;
}

function versionOf(decided: readonly (Decided & Rule)[]): string | undefined {
  const first = firstDecision(decided);
  return first?.version ?? first?.tags[0]?.tag;
}
