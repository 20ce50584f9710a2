import type { GitState } from '../../plan/git-state.ts';
import { branchOf, gitTagOf } from '../decision.ts';
import { tagOfName } from '../name.ts';
import { GIT_TAG_PREFIX, readsLikeVersion } from '../reserved.ts';
import { formatDate } from './dates.ts';
import { type Expression, parseTemplate, render, type Template, TemplateError } from './template.ts';

/** docker/metadata-action, README, "Global expressions". */
export const GLOBAL_EXPRESSIONS = [
  ...['branch', 'tag', 'sha', 'base_ref', 'is_default_branch', 'is_not_default_branch', 'date', 'commit_date'],
] as const;

/** Expressions whose text others choose: names of branches and git tags. */
const NAMES: ReadonlySet<string> = new Set(['branch', 'tag', 'base_ref']);

export interface ExpressionFacts {
  readonly git: GitState;
  readonly now: Date;
  /** Digits of `{{sha}}`. */
  readonly shortSha: number;
}

/**
 * Parses an attribute with the global expressions.
 * @throws TemplateError for other expressions and unknown time zones
 */
export function globalTemplate(text: string, known: readonly string[] = GLOBAL_EXPRESSIONS): Template {
  const template = parseTemplate(text, known);
  for (const part of template.parts) {
    const zone = typeof part === 'string' ? undefined : part.options.get('tz');
    if (zone !== undefined) assertZone(zone);
  }
  return template;
}

function assertZone(zone: string): void {
  try {
    formatDate(new Date(0), 'Z', zone);
  } catch {
    throw new TemplateError(`${zone} is not a time zone`, "Write for example tz='Asia/Tokyo'.");
  }
}

/**
 * @param form `tag`: names of branches and git tags get the form in which they are tags, so that two of them never
 * give the same tag; `text`: unchanged
 * @returns undefined if an expression is unknown for this commit, with no name to put in its place
 */
export function rendered(template: Template, facts: ExpressionFacts, form: 'tag' | 'text'): string | undefined {
  const values = template.parts.flatMap((part) => (typeof part === 'string' ? [] : [[part, value(part, facts, form)]]));
  const named = values.filter(([part]) => NAMES.has((part as Expression).name));
  if (form === 'tag' && named.length > 0 && named.every(([, text]) => text === '')) return undefined;
  if (values.some(([, text]) => text === undefined)) return undefined;
  return render(template, (part) => value(part, facts, form) ?? '');
}

function value(
  { name, args: [format = ''], options }: Expression,
  { git, now, shortSha }: ExpressionFacts,
  form: 'tag' | 'text',
): string | undefined {
  const inForm = (text: string | undefined) => (text && form === 'tag' ? tagOfName(text) : (text ?? ''));
  const tag = gitTagOf(git);
  switch (name) {
    case 'branch':
      return inForm(branchOf(git));
    case 'tag':
      return form === 'tag' && tag !== undefined ? tagOfGitTag(tag) : (tag ?? '');
    case 'base_ref':
      return inForm(git.baseRef);
    case 'sha':
      return git.sha.slice(0, shortSha);
    case 'is_default_branch':
      return String(branchOf(git) === git.defaultBranch);
    case 'is_not_default_branch':
      return String(branchOf(git) !== git.defaultBranch);
    case 'date':
      return formatDate(now, format, options.get('tz'));
    default:
      return git.commitTime && formatDate(git.commitTime, format, options.get('tz'));
  }
}

/** A git tag's name as a tag that no branch has: see GIT_TAG_PREFIX. */
function tagOfGitTag(name: string): string {
  return tagOfName(readsLikeVersion(name) ? name : `${GIT_TAG_PREFIX}${name}`);
}

/** Expressions that are empty or unknown for this commit, for a reason: `{{tag}}`. */
export function emptyExpressions(template: Template, facts: ExpressionFacts): string {
  const empty = template.parts.flatMap((part) =>
    typeof part !== 'string' && !value(part, facts, 'text') ? [`{{${part.name}}}`] : [],
  );
  return [...new Set(empty)].join(' and ');
}

/** Whether others choose a part of the text: such a tag must not be one that the rules set themselves. */
export function hasChosenName({ names }: Template): boolean {
  return [...names].some((name) => NAMES.has(name));
}
