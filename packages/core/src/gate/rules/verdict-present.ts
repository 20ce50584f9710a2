import type { RuleResult } from '../../policy.ts';
import { formatRepository } from '../../reference/reference.ts';
import { ageProblem } from '../../text/time.ts';
import { evidenceOf, judged, namesOf, notRequired, type RuleContext, requires, subjectsOf } from '../context.ts';

/**
 * The index and every platform have passed the gate before, and none has failed it. If the destination is known, each
 * verdict must be for it: a laxer policy of another repository must not pass the gate here.
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
      // `passed` comes from JSON: only `true` is a pass.
      if (verdict.passed !== true) return [`${subject.name}: the verdict is a failure.`];
      if (policy.verdictOf !== undefined && verdict.policy !== policy.verdictOf) {
        return [`${subject.name}: the verdict is for the policy ${verdict.policy}, not for ${policy.verdictOf}.`];
      }
      // A verdict without a destination is safe: this gate judges everything again, for this destination.
      if (expected !== undefined && verdict.destination !== undefined && verdict.destination !== expected) {
        return [`${subject.name}: the verdict is for ${verdict.destination}, not for ${expected}.`];
      }
      const stale = ageProblem(verdict.decidedOn, now, Number.POSITIVE_INFINITY);
      return stale === undefined
        ? []
        : [`${subject.name}: the verdict is ${stale === 'future' ? 'dated in the future' : 'undated'}.`];
    });
  });
  return judged('verdict-present', problems, `Verdict "passed" for ${namesOf(subjects)}.`);
}
