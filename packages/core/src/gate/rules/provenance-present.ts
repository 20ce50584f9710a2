import type { RuleResult } from '../../policy.ts';
import { evidenceOf, judged, namesOf, notRequired, type RuleContext, requires, subjectsOf } from '../context.ts';

/** The index and every platform have provenance. */
export function provenancePresent(context: RuleContext): readonly RuleResult[] {
  if (!requires(context, 'provenance')) return notRequired('provenance-present', 'provenance');
  const subjects = subjectsOf(context.image);
  const problems = subjects.flatMap((subject) => {
    const found = evidenceOf(context, 'provenance', subject);
    if (found.length === 0) return [`${subject.name}: there is no provenance.`];
    return found.some(({ builder }) => builder === '') ? [`${subject.name}: the provenance names no builder.`] : [];
  });
  return judged('provenance-present', problems, `Provenance of ${namesOf(subjects)}.`);
}
