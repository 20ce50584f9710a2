import { isTag } from '../../reference/reference.ts';
import { type Decided, gitTagOf, inapplicable, subjectOf } from '../decision.ts';
import { tagOfName } from '../name.ts';
import { type ReservedBy, whyReserved } from '../reserved.ts';
import { type ExpressionFacts, emptyExpressions, hasChosenName, rendered } from './expressions.ts';
import type { DockerLine } from './line.ts';
import type { Template } from './template.ts';

/** The run and its rules, as a line of docker/metadata-action sees them. */
export interface LineFacts extends ExpressionFacts {
  readonly reserved: ReservedBy;
}

/** A line's prefix and suffix for this run, or the decision that it gives no tag because one of them is empty. */
export type Affixes = { readonly prefix: string; readonly suffix: string } | { readonly none: Decided };

export function affixesOf(line: DockerLine, facts: ExpressionFacts): Affixes {
  const prefix = rendered(line.prefix, facts, 'tag');
  const suffix = rendered(line.suffix, facts, 'tag');
  if (prefix === undefined) return { none: emptied(line, line.prefix, facts) };
  if (suffix === undefined) return { none: emptied(line, line.suffix, facts) };
  return { prefix, suffix };
}

/** docker/metadata-action sets a tag with nothing in that place: `-860c190` for `{{branch}}-{{sha}}`. */
export function emptied(line: DockerLine, template: Template, facts: ExpressionFacts): Decided {
  return inapplicable(line.text, `${emptyExpressions(template, facts)} has no value for ${subjectOf(facts.git)}`);
}

/** Text as a tag. Text that is one stays; docker/metadata-action replaces characters, so that two names share a tag. */
export function tagOfText(text: string): string {
  const tag = text.replaceAll('+', '_');
  return isTag(tag) ? tag : tagOfName(tag);
}

/**
 * Why a tag with a branch's or git tag's name in it may not be set.
 * @returns a decision; undefined if it may
 */
export function refused(line: DockerLine, tag: string, facts: LineFacts): Decided | undefined {
  if (![line.prefix, line.suffix, line.value].some((template) => template && hasChosenName(template))) return undefined;
  const why = whyReserved(tag, gitTagOf(facts.git) === undefined ? 'branch' : 'tag', facts.reserved);
  if (why === undefined) return undefined;
  const reason = `${tag} is not used as a tag for ${subjectOf(facts.git)}, because it ${why}.`;
  return { tags: [], left: [{ subject: tag, reason, fits: true }] };
}
