import { badInput } from './error.ts';
import { isTag } from './reference.ts';

/** One line of the `tags` input, read. */
export type TagRule =
  /** v1.2.3 → 1.2.3, 1.2, 1, each with `prefix` in front. */
  | { readonly kind: 'semver'; readonly prefix: string }
  /** The branch's own name. */
  | { readonly kind: 'branch' }
  /** The git tag's own name, whether it is a version or not. */
  | { readonly kind: 'tag' }
  /** sha-<12 digits>, or all of them. */
  | { readonly kind: 'sha'; readonly full: boolean }
  /** `<prefix>-YYYYMMDD` (UTC) on a schedule. */
  | { readonly kind: 'schedule'; readonly prefix: string }
  /** pr-<number>: planned so that it can be shown, never published. */
  | { readonly kind: 'pr' }
  | { readonly kind: 'latest'; readonly when: LatestRule }
  | { readonly kind: 'raw'; readonly tag: string }
  /** What fits the event: `semver`, `tag` (for git tags that are no version), `branch`, `schedule`, `pr`, `latest`. */
  | { readonly kind: 'auto' };

/**
 * When `latest` moves. `auto`: to the newest stable version. `branch`: to pushes of the default branch as well.
 * `true`: always. `false`: never, whatever other rules say.
 */
export type LatestRule = 'auto' | 'branch' | 'true' | 'false';

const RULES = ['auto', 'semver', 'branch', 'tag', 'sha', 'schedule', 'pr', 'latest', 'raw'] as const;
type RuleWord = (typeof RULES)[number];
const PREFIX = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,31}$/;
const SYNTAX = `a rule (${RULES.join(', ')}) or a tag`;

/**
 * The `tags` input: one rule a line.
 *
 *     auto                what fits the event (the default)
 *     semver              v1.2.3 → 1.2.3, 1.2, 1           semver=v     → v1.2.3, v1.2, v1
 *     branch              main → main, feat/x → feat-x
 *     tag                 the git tag's own name
 *     sha                 sha-<12 digits>                  sha=full     → sha-<all digits>
 *     schedule            nightly-20261124                 schedule=weekly → weekly-20261124
 *     pr                  pr-7, shown and never published
 *     latest              the newest stable version        latest=branch, latest=true, latest=false
 *     raw=TAG, or TAG     that very tag; raw= is needed only where TAG reads like a rule
 *
 * @throws TidegateError `bad-input` for a line that is neither rule nor tag, or is a rule misspelt.
 */
export function parseTagRules(lines: readonly string[], input = 'tags'): readonly TagRule[] {
  const rules = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  return rules.length === 0 ? [{ kind: 'auto' }] : rules.map((line) => parseRule(line, input));
}

function parseRule(line: string, input: string): TagRule {
  const equals = line.indexOf('=');
  const word = equals < 0 ? line : line.slice(0, equals);
  const value = equals < 0 ? undefined : line.slice(equals + 1);
  if (isRuleWord(word)) return ruleOf(word, value, line, input);
  if (value !== undefined) throw badInput(input, line, SYNTAX, suggestion(word));
  // A rule misspelt is a well-formed tag: `semvr` would be published as such. Who means it says raw=.
  const meant = RULES.find((rule) => distance(word.toLowerCase(), rule) <= (rule.length > 3 ? 1 : 0));
  if (meant) throw badInput(input, line, SYNTAX, `For the rule write ${meant}; for the tag of that name raw=${line}.`);
  return { kind: 'raw', tag: checkedTag(line, line, input) };
}

function isRuleWord(word: string): word is RuleWord {
  return (RULES as readonly string[]).includes(word);
}

function ruleOf(word: RuleWord, value: string | undefined, line: string, input: string): TagRule {
  const refuse = (expected: string, next: string) => badInput(input, line, expected, next);
  switch (word) {
    case 'semver':
      if (value !== undefined && !PREFIX.test(value)) throw refuse('semver or semver=PREFIX', 'Write semver=v.');
      return { kind: word, prefix: value ?? '' };
    case 'schedule':
      if (value !== undefined && !PREFIX.test(value))
        throw refuse('schedule or schedule=NAME', 'Write schedule=weekly.');
      return { kind: word, prefix: value ?? 'nightly' };
    case 'sha':
      if (value !== undefined && value !== 'full') throw refuse('sha or sha=full', 'Write sha for twelve digits.');
      return { kind: word, full: value === 'full' };
    case 'latest':
      return { kind: word, when: parseLatest(value ?? 'auto', line, input) };
    case 'raw':
      return { kind: word, tag: checkedTag(value ?? '', line, input) };
    case 'auto':
    case 'branch':
    case 'tag':
    case 'pr':
      if (value !== undefined) throw refuse(`${word} alone`, `Write ${word}, without a value.`);
      return { kind: word };
  }
}

function parseLatest(text: string, line: string, input: string): LatestRule {
  if (text === 'auto' || text === 'branch' || text === 'true' || text === 'false') return text;
  throw badInput(input, line, 'latest=auto, latest=branch, latest=true or latest=false', 'Choose one of the four.');
}

function checkedTag(tag: string, line: string, input: string): string {
  if (isTag(tag)) return tag;
  throw badInput(
    input,
    line,
    'a tag: at most 128 letters, digits, underscores, dots and dashes, not starting with a dot or a dash',
    'Give the tag alone, without a registry or repository.',
  );
}

function suggestion(word: string): string {
  if (word === 'type') return 'Rules here are one word: semver, branch, sha; for type=raw,value=x write raw=x.';
  const near = RULES.find((rule) => distance(word.toLowerCase(), rule) <= 2);
  return near ? `Did you mean ${near}?` : `Rules are ${RULES.join(', ')}.`;
}

/** Levenshtein's, and a swap of neighbours counts once. Words here are short. */
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
