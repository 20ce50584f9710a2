import type { RuleResult } from '../../policy.ts';
import { formatRepository } from '../../reference/reference.ts';
import { ageProblem } from '../../text/time.ts';
import { evidenceOf, judged, namesOf, notRequired, type RuleContext, requires, subjectsOf } from '../context.ts';

/**
 * Index and every platform have passed a gate before, and none has failed one. Where the destination is known, each
 * verdict is for it: a policy that is laxer for another repository opens no gate here.
 */
export function verdictPresent(context: RuleContext): readonly RuleResult[] {
  const { policy, now } = context;
  const { destination } = context.gateContext;
  const expected = destination && formatRepository(destination);
  if (!requires(context, 'verdict')) return notRequired('verdict-present', 'verdict');
  const subjects = subjectsOf(context.image);
  const problems = subjects.flatMap((subject) => {
    const found = evidenceOf(context, 'verdict', subject);
    if (found.length === 0) return [`${subject.name}: there is no verdict.`];
    return found.flatMap((verdict) => {
      // `passed` comes from JSON: nothing but true itself is a pass.
      if (verdict.passed !== true) return [`${subject.name}: the verdict is that the gate stays shut.`];
      if (policy.verdictOf !== undefined && verdict.policy !== policy.verdictOf) {
        return [`${subject.name}: the verdict is of policy ${verdict.policy}, not of ${policy.verdictOf}.`];
      }
      // One that names none opens no gate by itself: everything is judged again here, for this destination.
      if (expected !== undefined && verdict.destination !== undefined && verdict.destination !== expected) {
        return [`${subject.name}: the verdict is for ${verdict.destination}, not for ${expected}.`];
      }
      const stale = ageProblem(verdict.decidedOn, now, Number.POSITIVE_INFINITY);
      return stale === undefined
        ? []
        : [`${subject.name}: the verdict is ${stale === 'future' ? 'from the future' : 'undated'}.`];
    });
  });
  return judged('verdict-present', problems, `A verdict of pass for ${namesOf(subjects)}.`);
}
