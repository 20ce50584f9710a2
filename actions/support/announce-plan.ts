import type { Plan } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/** The first lines of a run's log: whether it publishes, under which tags, and which tags stay, each with its reason. */
export function announcePlan(plan: Plan, job: Job): void {
  const { log } = job;
  if (plan.publish) log.info(plan.why);
  else if (plan.unexpected) log.warning(plan.why);
  else log.notice(plan.why);
  for (const notice of plan.notices) log.notice(notice);
  for (const { tag, reason } of plan.tags) log.info(`Tag ${tag}: ${reason}`);
  for (const { subject, reason } of plan.left) log.info(`No tag for ${subject}: ${reason}`);
}
