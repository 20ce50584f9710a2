import type { ReproducedEvidence } from '../../evidence.ts';
import type { RuleResult } from '../../policy.ts';
import {
  evidenceOf,
  judged,
  namesOf,
  notRequired,
  platformsOf,
  type RuleContext,
  requires,
  type Subject,
} from '../context.ts';

/** Every platform was built a second time, with the same result; if the policy says so, independently of the first. */
export function reproduced(context: RuleContext): readonly RuleResult[] {
  const { independentRebuild = false } = context.policy;
  if (!requires(context, 'reproduced')) return notRequired('reproduced', 'reproduced');
  const platforms = platformsOf(context.image);
  const rebuilds = (subject: Subject) => evidenceOf(context, 'reproduced', subject);
  const problems = platforms.flatMap((subject) => {
    const found = rebuilds(subject);
    if (found.length === 0) return [`${subject.name}: no second build gave the same digest.`];
    return independentRebuild && !found.some(isIndependent)
      ? [`${subject.name}: ${dependence(found)}, and the policy requires an independent second build.`]
      : [];
  });
  const isElsewhere = platforms.every((subject) => rebuilds(subject).some(isIndependent));
  const where = isElsewhere ? ' on another runner' : '';
  return judged('reproduced', problems, `A second build of ${namesOf(platforms)}${where} gave the same digest.`);
}

/** By no machine, process or state of the first build. */
function isIndependent({ runners, buildkit }: ReproducedEvidence): boolean {
  return runners === 2 && buildkit === 'own';
}

function dependence(found: readonly ReproducedEvidence[]): string {
  return found.every(({ runners }) => runners === 1)
    ? 'the second build ran on the runner of the first one'
    : 'the second build used a shared builder, which may have built both times';
}
