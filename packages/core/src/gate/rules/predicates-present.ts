import type { RuleResult } from '../../policy.ts';
import { evidenceOf, judged, namesOf, notApplicable, type RuleContext, subjectsOf } from '../context.ts';

/** The index and every platform have each kind of the user's own evidence that the policy requires. */
export function predicatesPresent(context: RuleContext): readonly RuleResult[] {
  const { predicates = [] } = context.policy;
  if (predicates.length === 0) {
    return notApplicable('predicates-present', 'The policy requires no evidence of your own.');
  }
  const subjects = subjectsOf(context.image);
  const problems = predicates.flatMap((type) => {
    const missing = subjects.filter(
      (subject) => !evidenceOf(context, 'predicate', subject).some(({ predicateType }) => predicateType === type),
    );
    return missing.length > 0 ? [`${namesOf(missing)}: there is no evidence of type ${type}.`] : [];
  });
  return judged('predicates-present', problems, `${namesOf(subjects)}: ${predicates.join(', ')}.`);
}
