import { messageOf, TidegateError } from '@tidegate/core';
import type { Job } from '../job.ts';

/**
 * Send GitHub a report that does not affect the image: a failure is a warning that names the required permission.
 * @returns whether it was accepted
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
    if (error instanceof TidegateError && error.next !== undefined) {
      job.log.warning(`${failure}: ${error.message} ${error.next}`);
      return false;
    }
    job.log.warning(`${failure}: ${messageOf(error)} The job needs the permission ${permission}.`);
    return false;
  }
}
