import { badInput } from '../error.ts';
import {
  DOCKER_SHORT_SHA,
  type ExpressionFacts,
  emptyExpressions,
  globalTemplate,
  literalTemplate,
  rendered,
  type TagOptions,
  TemplateError,
} from '../tags/index.ts';
import type { GitState } from './git-state.ts';

type Pairs = readonly (readonly [key: string, value: string])[];

/**
 * Labels or annotations of the user, in which docker/metadata-action's global expressions are evaluated: `{{branch}}`,
 * `{{sha}}`, `{{commit_date 'YYYY-MM-DD'}}`. Names of branches and git tags are put in unchanged; an expression without
 * a value for this event is empty, as there.
 * @param input its name, for errors
 * @throws TidegateError `bad-input` for another expression, and for the time of a commit that is not known
 */
export function evaluatedPairs(
  pairs: Pairs,
  git: GitState,
  { now, shortSha = DOCKER_SHORT_SHA }: Pick<TagOptions, 'now' | 'shortSha'>,
  input: 'labels' | 'annotations',
): Pairs {
  const facts = { git, now, shortSha };
  return pairs.map(([key, value]) => [evaluated(key, facts, input), evaluated(value, facts, input)]);
}

function evaluated(text: string, facts: ExpressionFacts, input: string): string {
  if (!text.includes('{{')) return text;
  const template = parsed(text, input);
  const result = rendered(template, facts, 'text');
  if (result !== undefined) return result;
  throw badInput(
    'label-invalid',
    input,
    text,
    `expressions that are known, but ${emptyExpressions(template, facts)} is not`,
    'Check out the commit before this step, or remove the expression.',
  );
}

function parsed(text: string, input: string): ReturnType<typeof globalTemplate> {
  try {
    return globalTemplate(text);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const expected = `expressions of docker/metadata-action (${error.message})`;
    throw badInput('label-invalid', input, text, expected, `${error.next} For the text itself, write \\{{.`);
  }
}

/** Pairs that `evaluatedPairs` of another job leaves as they are: they may contain text of others. */
export function literalPairs(pairs: Pairs): Pairs {
  return pairs.map(([key, value]) => [literalTemplate(key), literalTemplate(value)]);
}
