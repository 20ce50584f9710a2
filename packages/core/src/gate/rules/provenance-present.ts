import type { RuleResult } from '../../policy.ts';
import { evidenceOf, type Inquiry, judged, namesOf, notRequired, requires, subjectsOf } from '../inquiry.ts';

/** Index and every platform say how they were built. */
export function provenancePresent(inquiry: Inquiry): readonly RuleResult[] {
  if (!requires(inquiry, 'provenance')) return notRequired('provenance-present', 'provenance');
  const subjects = subjectsOf(inquiry.image);
  const problems = subjects.flatMap((subject) => {
    const found = evidenceOf(inquiry, 'provenance', subject);
    if (found.length === 0) return [`${subject.name}: there is no provenance.`];
    return found.some(({ builder }) => builder === '') ? [`${subject.name}: the provenance names no builder.`] : [];
  });
  return judged('provenance-present', problems, `Provenance of ${namesOf(subjects)}.`);
}
