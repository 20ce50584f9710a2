import type { Plan, TargetBuild } from '@tidegate/core';

/** A target of a bake file, and the plan of its image. */
export interface PlannedTarget {
  readonly build: TargetBuild;
  readonly plan: Plan;
}
