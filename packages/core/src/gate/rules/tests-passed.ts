import type { RuleResult } from '../../policy.ts';
import { listed } from '../../text/wording.ts';
import { evidenceOf, judged, namesOf, notRequired, platformsOf, type RuleContext, requires } from '../context.ts';

const MOST_NAMED = 5;

/** Every platform has a test result, and every result passed. */
export function testsPassed(context: RuleContext): readonly RuleResult[] {
  if (!requires(context, 'tests')) return notRequired('tests-passed', 'tests');
  const platforms = platformsOf(context.image);
  const problems = platforms.flatMap((subject) => {
    const found = evidenceOf(context, 'tests', subject);
    if (found.length === 0) return [`${subject.name}: there is no test result.`];
    return found.flatMap(({ passed, failed, count }) => {
      if (!passed) return [`${subject.name}: failed tests: ${listed(failed, MOST_NAMED) || 'not named'}.`];
      return count === 0 ? [`${subject.name}: the test result names no test.`] : [];
    });
  });
  return judged('tests-passed', problems, `Tests of ${namesOf(platforms)} passed.`);
}
