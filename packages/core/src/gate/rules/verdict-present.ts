import type { RuleResult } from '../../policy.ts';
import { formatRepository } from '../../reference/reference.ts';
import { ageProblem, shownTime } from '../../text/time.ts';
import { evidenceOf, judged, namesOf, notRequired, type RuleContext, requires, subjectsOf } from '../context.ts';

/**
 * The index and every platform have passed the gate before, and none has failed it. If destinations are known, each
 * verdict must be for one of them, and each of them must have one: a laxer policy of another repository must not pass
 * the gate here.
 */
export function verdictPresent(context: RuleContext): readonly RuleResult[] {
  const { policy, now } = context;
  const expected = (context.gateContext.destinations ?? []).map(formatRepository);
  if (!requires(context, 'verdict')) return notRequired('verdict-present', 'verdict');
  const subjects = subjectsOf(context.image);
  const problems = subjects.flatMap((subject) => {
    const found = evidenceOf(context, 'verdict', subject);
    if (found.length === 0) return [`${subject.name}: there is no verdict.`];
    const problems = found.flatMap((verdict) => {
      // `passed` comes from JSON: only `true` is a pass.
      if (verdict.passed !== true) return [`${subject.name}: the verdict is a failure.`];
      if (policy.verdictOf !== undefined && verdict.policy !== policy.verdictOf) {
        return [`${subject.name}: the verdict is for the policy ${verdict.policy}, not for ${policy.verdictOf}.`];
      }
      // A verdict without a destination is safe: this gate judges everything again, for these destinations.
      if (expected.length > 0 && verdict.destination !== undefined && !expected.includes(verdict.destination)) {
        return [`${subject.name}: the verdict is for ${verdict.destination}, not for ${expected.join(' or ')}.`];
      }
      const stale = ageProblem(verdict.decidedOn, now, Number.POSITIVE_INFINITY);
      return stale === undefined
        ? []
        : [
            `${subject.name}: the verdict ${stale === 'future' ? `is dated ${shownTime(verdict.decidedOn)}, after the time of this one (${shownTime(now)})` : 'is undated'}.`,
          ];
    });
    if (problems.length > 0 || found.some(({ destination }) => destination === undefined)) return problems;
    const missing = expected.filter((one) => !found.some(({ destination }) => destination === one));
    return missing.map((one) => `${subject.name}: there is no verdict for ${one}.`);
  });
  return judged('verdict-present', problems, `Verdict "passed" for ${namesOf(subjects)}.`);
}
