/** Why a setting of a target cannot be used, and what to do. Its message has no name of the target. */
export class TargetProblem extends Error {}

export function problem(reason: string, next: string): TargetProblem {
  return new TargetProblem(`${reason} → ${next}`);
}
