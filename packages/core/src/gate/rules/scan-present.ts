import type { RuleResult } from '../../policy.ts';
import { evidenceOf, type Inquiry, judged, namesOf, notRequired, platformsOf, requires } from '../inquiry.ts';

/** Every platform has been scanned. */
export function scanPresent(inquiry: Inquiry): readonly RuleResult[] {
  if (!requires(inquiry, 'scan')) return notRequired('scan-present', 'scan');
  const platforms = platformsOf(inquiry.image);
  const missing = platforms.filter((subject) => evidenceOf(inquiry, 'scan', subject).length === 0);
  const problems = missing.map(({ name }) => `${name}: there is no scan.`);
  return judged('scan-present', problems, `A scan of ${namesOf(platforms)}.`);
}
