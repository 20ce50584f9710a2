import { setTimeout } from 'node:timers/promises';
import { formatDuration } from '@tidegate/core';
import type { Job } from '../job.ts';

/** Longest wait that GitHub may impose. Longer ones fail: a primary limit is reset hourly. */
const LONGEST_WAIT = 90_000;
const MOST_ATTEMPTS = 3;
/** GitHub, "Rate limits for the REST API": without a header, wait at least a minute. */
const DEFAULT_WAIT = 60_000;

/**
 * Send a request again after a rate limit, once its time is over. GitHub limits content to 80 items per minute.
 * @throws the last error
 */
export async function patiently<T>(job: Job, send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      const wait = attempt < MOST_ATTEMPTS ? rateLimitWait(error, job.clock()) : undefined;
      if (wait === undefined || wait > LONGEST_WAIT) throw error;
      job.log.info(`GitHub limits the rate of requests. The next attempt is in ${formatDuration(wait)}.`);
      await setTimeout(wait, undefined, { signal: job.signal });
    }
  }
}

/**
 * Milliseconds until GitHub accepts the request that it has just rejected; undefined if the rate is not the reason.
 * Limits respond with 403 or 429: `retry-after`, or `x-ratelimit-remaining: 0` with the time of the reset, or only a
 * message (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api).
 */
export function rateLimitWait(error: unknown, now: Date): number | undefined {
  if (!(error instanceof Error) || !('response' in error)) return undefined;
  const { headers = {}, status } = error.response as {
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly status?: unknown;
  };
  if (status !== 403 && status !== 429) return undefined;
  const after = seconds(headers['retry-after']);
  if (after !== undefined) return after * 1000;
  const reset = seconds(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-remaining'] === '0' && reset !== undefined) {
    return Math.max(1000, reset * 1000 - now.getTime());
  }
  return status === 429 || /secondary rate limit/i.test(error.message) ? DEFAULT_WAIT : undefined;
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'string' && /^[0-9]{1,12}$/.test(value) ? Number(value) : undefined;
}
