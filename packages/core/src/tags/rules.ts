import { badInput, TidegateError } from '../error.ts';
import { type Flavor, NO_FLAVOR } from './docker/flavor.ts';
import { type DockerLine, isDockerLine, LineError, parseDockerLine } from './docker/line.ts';
import type { Naming } from './match.ts';
import {
  type Attributes,
  attributesText,
  checkedTag,
  PREFIX,
  parseAttributes,
  RULES,
  type RuleWord,
  writtenByPlan,
} from './rule-attributes.ts';
import { nearest } from './spelling.ts';

/** The ref's own name: of a branch, or of a git tag, whether it is a version or not. */
export interface NameRule {
  readonly kind: 'branch' | 'tag';
  readonly naming: Naming;
  readonly text: string;
}

/** Around the tag `latest`: `latest-alpine`. */
export interface Affixes {
  readonly prefix: string;
  readonly suffix: string;
}

/** One parsed line of the `tags` input. */
export type TagRule = (
  | { readonly kind: 'semver'; readonly naming: Naming }
  | Omit<NameRule, 'text'>
  /** sha-<12 digits>, or all of them. */
  | { readonly kind: 'sha'; readonly full: boolean }
  /** `<prefix>-YYYYMMDD` (UTC) on a schedule. */
  | { readonly kind: 'schedule'; readonly prefix: string }
  /** pr-<number>: planned so that it can be shown, never published. */
  | { readonly kind: 'pr' }
  /** `match`: the git tags that it applies to. Default: those of the rules `semver` beside it. */
  | {
      readonly kind: 'latest';
      readonly when: LatestRule;
      readonly match?: string | undefined;
      readonly affixes?: Affixes | undefined;
    }
  | { readonly kind: 'raw'; readonly tag: string }
  /** A line of docker/metadata-action. */
  | { readonly kind: 'docker'; readonly line: DockerLine }
  /**
   * The rules for the event: `semver`, `tag` (for git tags that are no version), `branch`, `schedule`, `pr`, `latest`.
   */
  | { readonly kind: 'auto' }
) & {
  /** The line without `only` and `decided`, for messages and to write the rule again. */
  readonly text: string;
  /** Sets only this one of the rule's tags. */
  readonly only?: string | undefined;
  /** The attempt of the run in which `plan` decided on it: see `asDecided`. */
  readonly decided?: number | undefined;
};

/**
 * When `latest` moves. `auto`: to the newest stable version. `branch`: to pushes of the default branch as well.
 * `true`: always. `false`: never, whatever other rules say.
 */
type LatestRule = 'auto' | 'branch' | 'true' | 'false';

const SYNTAX = `a rule (${RULES.join(', ')}) or a tag`;
/**
 * The `tags` input: one rule per line.
 *
 *     auto                what fits the event (the default)
 *     semver              v1.2.3 → 1.2.3, 1.2, 1           semver=v     → v1.2.3, v1.2, v1
 *     branch              main → main, feat/x → feat-x-<12 digits of a hash>
 *     tag                 the git tag's own name: release-7 → tag-release-7, v1.2 → v1.2
 *     sha                 sha-<12 digits>                  sha=full     → sha-<all digits>
 *     schedule            nightly-20261124                 schedule=weekly → weekly-20261124
 *     pr                  pr-7, shown and never published
 *     latest              the newest stable version        latest=branch, latest=true, latest=false
 *     raw=TAG, or TAG     that very tag; raw= is needed only if TAG reads like a rule
 *
 * `semver`, `branch` and `tag` take `match=REGEX`, `prefix=TEXT` and `suffix=TEXT`: `semver,match=app/v(.*)` reads
 * app/v1.2.3 as 1.2.3. `latest` takes the `match` of the rules `semver` beside it, or one of its own. Every rule takes
 * `only=TAG`, and `decided=ATTEMPT`, which `plan` writes. Attributes follow a comma, as in docker/metadata-action; a
 * comma inside a regular expression needs no quotes.
 *
 * A line with `type=` is one of docker/metadata-action's, with its attributes and quotes: see docker/line.ts.
 *
 * @throws TidegateError `bad-input` for a line that is neither rule nor tag, or is a rule misspelt. Names every such
 * line.
 */
export function parseTagRules(
  lines: readonly string[],
  { flavor = NO_FLAVOR, input = 'tags' }: { readonly flavor?: Flavor; readonly input?: string } = {},
): readonly TagRule[] {
  const written = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (written.length === 0) return [{ kind: 'auto', text: 'auto' }];
  const wrong: TidegateError[] = [];
  const rules = written.flatMap((line) => {
    try {
      return [parseRule(line, input, flavor)];
    } catch (error) {
      if (!(error instanceof TidegateError)) throw error;
      wrong.push(error);
      return [];
    }
  });
  if (wrong.length > 0) throw allWrong(wrong, input);
  return rules;
}

/** Lines that one error names; more are counted. */
const MOST_WRONG = 5;

/** One error for all wrong lines, so that one run shows them all. */
function allWrong(errors: readonly TidegateError[], input: string): TidegateError {
  const [first] = errors;
  if (first && errors.length === 1) return first;
  const shown = errors.slice(0, MOST_WRONG);
  const facts = shown.map(
    ({ message }, at) => `(${at + 1}) ${message.replace(/^Input [^:]*: /, '').replace(/\.$/, '')}`,
  );
  const more = errors.length > shown.length ? `; and ${errors.length - shown.length} more` : '';
  return new TidegateError(
    'tag-rule-invalid',
    `Input ${input}: ${errors.length} lines are invalid: ${facts.join('; ')}${more}.`,
    { next: shown.map(({ next = '' }, at) => `(${at + 1}) ${next}`).join(' ') },
  );
}

function parseRule(line: string, input: string, flavor: Flavor): TagRule {
  if (isDockerLine(line, RULES)) return dockerRule(line, input, flavor);
  const words = line.split(/,\s*/);
  if (words.length > 1 && words.every(isRuleWord)) {
    throw badInput(
      'tag-rule-invalid',
      input,
      line,
      'one rule a line',
      `Write ${words.join(' and ')} on lines of their own.`,
    );
  }
  const [head = '', ...attributes] = line.split(/,\s*(?=[a-z-]+=)/);
  const equals = head.indexOf('=');
  const word = equals < 0 ? head : head.slice(0, equals);
  const value = equals < 0 ? undefined : head.slice(equals + 1);
  if (isRuleWord(word)) return ruleOf({ word, value, line, input, ...parseAttributes(word, attributes, line, input) });
  if (value !== undefined) throw badInput('tag-rule-invalid', input, line, SYNTAX, suggestion(word));
  // A misspelt rule is a well-formed tag: `semvr` would be published as such.
  const meant = nearest(word, RULES, (rule) => (rule.length > 3 ? 1 : 0));
  if (meant)
    throw badInput(
      'tag-rule-invalid',
      input,
      line,
      SYNTAX,
      `For the rule write ${meant}; for the tag of that name raw=${line}.`,
    );
  return { kind: 'raw', tag: checkedTag(line, line, input), text: `raw=${line}` };
}

function dockerRule(text: string, input: string, flavor: Flavor): TagRule {
  try {
    const { line, only, decided } = parseDockerLine(text, flavor);
    return { kind: 'docker', line, text: line.text, ...writtenByPlan({ only, decided }, text, input) };
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    throw badInput('tag-rule-invalid', input, text, error.message, error.next);
  }
}

function isRuleWord(word: string): word is RuleWord {
  return (RULES as readonly string[]).includes(word);
}

interface RuleLine extends Attributes {
  readonly word: RuleWord;
  readonly value: string | undefined;
  readonly line: string;
  readonly input: string;
}

function ruleOf({ word, value, line, input, match, prefix, suffix, only, decided }: RuleLine): TagRule {
  const refuse = (expected: string, next: string) => badInput('tag-rule-invalid', input, line, expected, next);
  const common = {
    text: `${word}${value === undefined ? '' : `=${value}`}${attributesText({ match, prefix, suffix })}`,
    only,
    decided,
  };
  const naming = (before: string): Naming => ({ prefix: before, match, suffix });
  switch (word) {
    case 'semver':
      if (value !== undefined && !PREFIX.test(value)) throw refuse('semver or semver=PREFIX', 'Write semver=v.');
      if (value !== undefined && prefix !== undefined) throw refuse('one prefix', `Write semver=${value}.`);
      return { kind: word, naming: naming(value ?? prefix ?? ''), ...common };
    case 'schedule':
      if (value !== undefined && !PREFIX.test(value))
        throw refuse('schedule or schedule=NAME', 'Write schedule=weekly.');
      return { kind: word, prefix: value ?? 'nightly', ...common };
    case 'sha':
      if (value !== undefined && value !== 'full') throw refuse('sha or sha=full', 'Write sha for twelve digits.');
      return { kind: word, full: value === 'full', ...common };
    case 'latest':
      return {
        kind: word,
        when: parseLatest(value ?? 'auto', line, input),
        match,
        affixes:
          prefix === undefined && suffix === undefined ? undefined : { prefix: prefix ?? '', suffix: suffix ?? '' },
        ...common,
      };
    case 'raw':
      return { kind: word, tag: checkedTag(value ?? '', line, input), ...common };
    case 'auto':
    case 'pr':
      if (value !== undefined) throw refuse(`${word} alone`, `Write ${word}, without a value.`);
      return { kind: word, ...common };
    case 'branch':
    case 'tag':
      if (value !== undefined) throw refuse(`${word} alone`, `Write ${word}, without a value.`);
      return { kind: word, naming: naming(prefix ?? ''), ...common };
  }
}

function parseLatest(text: string, line: string, input: string): LatestRule {
  if (text === 'auto' || text === 'branch' || text === 'true' || text === 'false') return text;
  throw badInput(
    'tag-rule-invalid',
    input,
    line,
    'latest=auto, latest=branch, latest=true or latest=false',
    'Choose one of the four.',
  );
}

function suggestion(word: string): string {
  const near = nearest(word, RULES, () => 2);
  return near ? `Did you mean ${near}?` : `Rules are ${RULES.join(', ')}.`;
}
