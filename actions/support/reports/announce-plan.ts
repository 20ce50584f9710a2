import type { Log, Plan } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/**
 * Make a plan, and log it before anything else: whether the run publishes, under which tags, and which tags are not
 * set, each with its reason. Messages that `work` logs meanwhile, such as an unanswered request to GitHub, follow after
 * it.
 * @returns the result of `work`
 */
export async function planFirst<T extends { readonly plan: Plan }>(
  job: Job,
  work: (held: Job) => Promise<T>,
): Promise<T> {
  const held: (() => void)[] = [];
  try {
    const made = await work({ ...job, log: holdingBack(job.log, held) });
    announcePlan(made.plan, job.log);
    return made;
  } finally {
    for (const print of held) print();
  }
}

function announcePlan(plan: Plan, log: Log): void {
  if (plan.publish) log.info(plan.why);
  else if (plan.unexpected) log.warning(plan.why);
  else log.notice(plan.why);
  for (const notice of plan.notices) log.notice(notice);
  for (const { tag, reason } of plan.tags) log.info(`Tag ${tag}: ${reason}`);
  for (const { subject, reason } of plan.left) log.info(`No tag for ${subject}: ${reason}`);
}

/** Secrets are masked at once: nothing else is printed before. */
function holdingBack(log: Log, held: (() => void)[]): Log {
  const own: Log = {
    debug: (message) => void held.push(() => log.debug(message)),
    info: (message) => void held.push(() => log.info(message)),
    notice: (message, at) => void held.push(() => log.notice(message, at)),
    warning: (message, at) => void held.push(() => log.warning(message, at)),
    group: (title, work) => {
      own.info(title);
      return work(own);
    },
    mask: (secret) => log.mask(secret),
    redact: (text) => log.redact(text),
  };
  return own;
}
