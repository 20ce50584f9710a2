import { badInput } from '../error.ts';
import type { GitState } from '../plan/git-state.ts';
import { MATCH_WITHIN, SlowExpression } from '../text/bounded-match.ts';
import { clipped } from '../text/wording.ts';
import { type Decided, subjectOf } from './decision.ts';
import type { TagRule } from './rules.ts';

/** @throws TidegateError `bad-input` if the rule's expression takes too long: anybody who may push chooses the names. */
export function inTime(rule: TagRule, git: GitState, decide: () => Decided): Decided {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof SlowExpression)) throw error;
    const expected = `an expression that finishes within ${MATCH_WITHIN / 1000} s on the name ${JSON.stringify(clipped(error.text))}, in this run for ${clipped(subjectOf(git))}`;
    throw badInput(
      'tag-rule-invalid',
      'tags',
      rule.text,
      expected,
      'Write it without nested repetitions such as (a+)+.',
    );
  }
}
