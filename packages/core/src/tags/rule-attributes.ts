import { badInput } from '../error.ts';
import { isTag } from '../reference/reference.ts';
import { compileMatch, groupsOf } from './match.ts';
import { isReferrersTag } from './reserved.ts';

export const RULES = ['auto', 'semver', 'branch', 'tag', 'sha', 'schedule', 'pr', 'latest', 'raw'] as const;
export type RuleWord = (typeof RULES)[number];
export const PREFIX = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,31}$/;
const SUFFIX = /^[A-Za-z0-9._-]{1,32}$/;
/** Attributes after a comma, besides `only=` and `decided=`. */
const ATTRIBUTES: Partial<Readonly<Record<RuleWord, readonly string[]>>> = {
  semver: ['match', 'prefix', 'suffix'],
  branch: ['match', 'prefix', 'suffix'],
  tag: ['match', 'prefix', 'suffix'],
  latest: ['match', 'prefix', 'suffix'],
};

export interface Attributes {
  readonly match?: string | undefined;
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
  readonly only?: string | undefined;
  readonly decided?: number | undefined;
}

export function parseAttributes(word: RuleWord, fields: readonly string[], line: string, input: string): Attributes {
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
  const { match, prefix, suffix } = found;
  if (match !== undefined) checkMatch(match, word, line, input);
  if (prefix !== undefined && !PREFIX.test(prefix))
    throw badInput('tag-rule-invalid', input, line, 'prefix=TEXT', 'Write prefix=v.');
  if (suffix !== undefined && !SUFFIX.test(suffix))
    throw badInput('tag-rule-invalid', input, line, 'suffix=TEXT', 'Write suffix=-alpine.');
  return { match, prefix, suffix, ...writtenByPlan(found, line, input) };
}

export function writtenByPlan(
  { only, decided }: { readonly only?: string | undefined; readonly decided?: string | undefined },
  line: string,
  input: string,
): Pick<Attributes, 'only' | 'decided'> {
  if (only !== undefined) checkedTag(only, line, input);
  if (decided !== undefined && !/^[1-9][0-9]{0,5}$/.test(decided)) {
    throw badInput('tag-rule-invalid', input, line, 'decided=NUMBER', 'Pass the output of the action plan unchanged.');
  }
  return { only, decided: decided === undefined ? undefined : Number(decided) };
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

/** `,match=…,prefix=…,suffix=…` */
export function attributesText(attributes: Pick<Attributes, 'match' | 'prefix' | 'suffix'>): string {
  const { match, prefix, suffix } = attributes;
  return Object.entries({ match, prefix, suffix })
    .flatMap(([name, text]) => (text === undefined ? [] : [`,${name}=${text}`]))
    .join('');
}

export function checkedTag(tag: string, line: string, input: string): string {
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
