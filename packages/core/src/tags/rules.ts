import { badInput } from '../error.ts';
import { isTag } from '../reference/reference.ts';
import { dockerRule } from './docker-rules.ts';
import { compileMatch, groupsOf, type Naming } from './match.ts';
import { isReferrersTag } from './reserved.ts';

/** One parsed line of the `tags` input. */
export type TagRule = (
  | { readonly kind: 'semver'; readonly naming: Naming }
  /** The branch's own name. */
  | { readonly kind: 'branch'; readonly naming: Naming }
  /** The git tag's own name, whether it is a version or not. */
  | { readonly kind: 'tag'; readonly naming: Naming }
  /** sha-<12 digits>, or all of them. */
  | { readonly kind: 'sha'; readonly full: boolean }
  /** `<prefix>-YYYYMMDD` (UTC) on a schedule. */
  | { readonly kind: 'schedule'; readonly prefix: string }
  /** pr-<number>: planned so that it can be shown, never published. */
  | { readonly kind: 'pr' }
  /** `match`: the git tags that it applies to. Default: those of the rules `semver` beside it. */
  | { readonly kind: 'latest'; readonly when: LatestRule; readonly match?: string | undefined }
  | { readonly kind: 'raw'; readonly tag: string }
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

const RULES = ['auto', 'semver', 'branch', 'tag', 'sha', 'schedule', 'pr', 'latest', 'raw'] as const;
type RuleWord = (typeof RULES)[number];
const PREFIX = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,31}$/;
const SYNTAX = `a rule (${RULES.join(', ')}) or a tag`;
/** Attributes after a comma, besides `only=` and `decided=`. */
const ATTRIBUTES: Partial<Readonly<Record<RuleWord, readonly string[]>>> = {
  semver: ['match', 'prefix'],
  branch: ['match', 'prefix'],
  tag: ['match', 'prefix'],
  latest: ['match'],
};

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
 * `semver`, `branch` and `tag` take `match=REGEX` and `prefix=TEXT`: `semver,match=app/v(.*)` reads app/v1.2.3 as
 * 1.2.3. `latest` takes the `match` of the rules `semver` beside it, or one of its own. Every rule takes `only=TAG`,
 * and `decided=ATTEMPT`, which `plan` writes. Attributes follow a comma, as in docker/metadata-action; a comma inside a
 * regular expression needs no quotes.
 *
 * @throws TidegateError `bad-input` for a line that is neither rule nor tag, or is a rule misspelt.
 */
export function parseTagRules(lines: readonly string[], input = 'tags'): readonly TagRule[] {
  const rules = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  return rules.length === 0 ? [{ kind: 'auto', text: 'auto' }] : rules.map((line) => parseRule(line, input));
}

function parseRule(line: string, input: string): TagRule {
  const translated = dockerRule(line);
  if (translated !== undefined) throw badInput('tag-rule-invalid', input, line, SYNTAX, translated);
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
  const meant = RULES.find((rule) => distance(word.toLowerCase(), rule) <= (rule.length > 3 ? 1 : 0));
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

function isRuleWord(word: string): word is RuleWord {
  return (RULES as readonly string[]).includes(word);
}

interface Attributes {
  readonly match?: string | undefined;
  readonly prefix?: string | undefined;
  readonly only?: string | undefined;
  readonly decided?: number | undefined;
}

function parseAttributes(word: RuleWord, fields: readonly string[], line: string, input: string): Attributes {
  const allowed = [...(ATTRIBUTES[word] ?? []), 'only', 'decided'];
  const found: Record<string, string> = {};
  for (const field of fields) {
    const [, name = '', value = ''] = /^([a-z-]+)=(.*)$/s.exec(field) ?? [];
    if (!allowed.includes(name) || name in found) {
      const attributes = allowed.map((one) => `${one}=`).join(', ');
      throw badInput(
        'tag-rule-invalid',
        input,
        line,
        `${word} with ${attributes}, each at most once`,
        `Remove ${name}=.`,
      );
    }
    found[name] = value;
  }
  const { match, prefix, only, decided } = found;
  if (match !== undefined) checkMatch(match, word, line, input);
  if (prefix !== undefined && !PREFIX.test(prefix))
    throw badInput('tag-rule-invalid', input, line, 'prefix=TEXT', 'Write prefix=v.');
  if (only !== undefined) checkedTag(only, line, input);
  if (decided !== undefined && !/^[1-9][0-9]{0,5}$/.test(decided)) {
    throw badInput('tag-rule-invalid', input, line, 'decided=NUMBER', 'Pass the output of the action plan unchanged.');
  }
  return {
    match,
    prefix,
    only,
    decided: decided === undefined ? undefined : Number(decided),
  };
}

/** Maximum length of an expression that matches names, in characters. */
const LONGEST_MATCH = 200;

function checkMatch(match: string, word: RuleWord, line: string, input: string): void {
  const expected = `${word},match= with a regular expression of at most ${LONGEST_MATCH} characters`;
  try {
    if (match === '' || match.length > LONGEST_MATCH) throw new Error('length');
    compileMatch(match);
  } catch {
    throw badInput('tag-rule-invalid', input, line, expected, `Write for example ${word},match=app/v(.*).`);
  }
  if ((word === 'semver' || word === 'latest') && groupsOf(match) === 0) {
    throw badInput(
      'tag-rule-invalid',
      input,
      line,
      `${expected} that has a group`,
      'Put the version in parentheses, for example match=app/v(.*).',
    );
  }
}

interface RuleLine extends Attributes {
  readonly word: RuleWord;
  readonly value: string | undefined;
  readonly line: string;
  readonly input: string;
}

function ruleOf({ word, value, line, input, match, prefix, only, decided }: RuleLine): TagRule {
  const refuse = (expected: string, next: string) => badInput('tag-rule-invalid', input, line, expected, next);
  const attributes = [match === undefined ? '' : `,match=${match}`, prefix === undefined ? '' : `,prefix=${prefix}`];
  const common = {
    text: `${word}${value === undefined ? '' : `=${value}`}${attributes.join('')}`,
    only,
    decided,
  };
  const naming = (before: string): Naming => ({ prefix: before, match });
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

function checkedTag(tag: string, line: string, input: string): string {
  if (isTag(tag) && !isReferrersTag(tag)) return tag;
  throw badInput(
    'tag-invalid',
    input,
    line,
    isReferrersTag(tag)
      ? 'a tag that is not the one of signatures and SBOMs (sha256-…)'
      : 'a tag: at most 128 letters, digits, underscores, dots and dashes, not starting with a dot or a dash',
    'Give the tag alone, without a registry or repository.',
  );
}

function suggestion(word: string): string {
  const near = RULES.find((rule) => distance(word.toLowerCase(), rule) <= 2);
  return near ? `Did you mean ${near}?` : `Rules are ${RULES.join(', ')}.`;
}

/** Levenshtein distance, in which a swap of neighbours counts once. Words here are short. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, at(i - 2, j - 2) + 1);
      rows[i]?.push(least);
    }
  }
  return at(a.length, b.length);
}
