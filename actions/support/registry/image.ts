import { parseImage, type Reference } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/** Parse the input `image`, with a notice if it was converted to lower case. */
export function imageOf(text: string, job: Job): Reference {
  const { reference, notice } = parseImage(text);
  if (notice !== undefined) job.log.notice(notice);
  return reference;
}
