import { parseImage, type Reference } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/** The input `image`, and a notice where it was lower-cased. */
export function imageOf(text: string, job: Job): Reference {
  const { reference, notice } = parseImage(text);
  if (notice !== undefined) job.log.notice(notice);
  return reference;
}
