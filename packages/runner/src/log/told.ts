import { messageOf } from '@tidegate/core';
import type { Job } from '../job.ts';

/**
 * Tell GitHub something that changes nothing about the image: where it is not taken, that is a warning which names the
 * permission.
 * @returns whether it was taken
 */
export async function told(
  job: Job,
  failure: string,
  permission: string,
  token: string,
  work: () => Promise<void>,
): Promise<boolean> {
  if (token === '') {
    job.log.warning(`${failure}: there is no token. Set the input token.`);
    return false;
  }
  try {
    await work();
    return true;
  } catch (error) {
    if (job.signal.aborted) throw job.signal.reason;
    job.log.warning(`${failure}: ${messageOf(error)} The job needs the permission ${permission}.`);
    return false;
  }
}
