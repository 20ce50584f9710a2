import type { RuleResult } from '../../policy.ts';
import { evidenceOf, judged, namesOf, notRequired, platformsOf, type RuleContext, requires } from '../context.ts';

/** Every platform has a scan. */
export function scanPresent(context: RuleContext): readonly RuleResult[] {
  if (!requires(context, 'scan')) return notRequired('scan-present', 'scan');
  const platforms = platformsOf(context.image);
  const missing = platforms.filter((subject) => evidenceOf(context, 'scan', subject).length === 0);
  const problems = missing.map(({ name }) => `${name}: there is no scan.`);
  return judged('scan-present', problems, `A scan of ${namesOf(platforms)}.`);
}
