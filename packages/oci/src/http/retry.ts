import { setTimeout as delay } from 'node:timers/promises';
import type { TidegateError } from '@tidegate/core';
import { cancelled, throwIfCancelled } from '../verified.ts';

/** Clock for retries, replaceable in tests. */
export interface Timing {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
}

export const systemTiming: Timing = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, signal ? { signal } : {}),
  random: () => Math.random(),
};

/** Durations in milliseconds. */
export interface RetryPolicy {
  /** Attempts in a row without progress, including the first. A timeout counts as three. */
  readonly attempts: number;
  readonly base: number;
  readonly maxDelay: number;
  /** A longer Retry-After is reported as an error instead of waiting. */
  readonly maxRetryAfter: number;
  /** No attempt starts later than this after the first. */
  readonly deadline: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 6,
  base: 400,
  maxDelay: 20_000,
  maxRetryAfter: 120_000,
  deadline: 15 * 60_000,
};

/** Thrown by work that may succeed on a retry. */
export class RetryableError extends Error {
  /** Error for the caller when the retry budget is used up. */
  readonly failure: TidegateError;
  /** Retry-After in milliseconds. */
  readonly retryAfter: number | undefined;
  /**
   * The attempt timed out. A server that times out twice will probably time out six times, so fewer retries are made.
   */
  readonly timedOut: boolean;

  constructor(failure: TidegateError, retryAfter?: number, timedOut = false) {
    super(failure.message);
    this.failure = failure;
    this.retryAfter = retryAfter;
    this.timedOut = timedOut;
  }
}

export interface RetryEvent {
  readonly failure: TidegateError;
  /** Attempts so far. */
  readonly attempt: number;
  /** Milliseconds until the next attempt. */
  readonly wait: number;
}

export interface RetryContext {
  readonly timing: Timing;
  readonly policy: RetryPolicy;
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
}

/** Number of attempts that one timeout counts as. */
const TIMEOUT_WEIGHT = 3;

/** Counts failed attempts of one piece of work and decides whether to retry. */
export class RetryBudget {
  readonly #context: RetryContext;
  readonly #signal: AbortSignal | undefined;
  readonly #started: number;
  #failures = 0;

  constructor(context: RetryContext, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#signal = signal;
    this.#started = context.timing.now();
  }

  /** The work made progress: reset the number of failed attempts. */
  progress(): void {
    this.#failures = 0;
  }

  /** Wait before the next attempt. @throws the failure, when it is final or the budget is used up */
  async after(error: unknown): Promise<void> {
    if (!(error instanceof RetryableError)) throw error;
    const { timing, policy, onRetry } = this.#context;
    this.#failures += error.timedOut ? TIMEOUT_WEIGHT : 1;
    const wait = backoff(error, this.#failures, this.#context);
    const late = timing.now() + wait - this.#started > policy.deadline;
    const requestedWait = error.retryAfter ?? 0;
    if (this.#failures >= policy.attempts || late || requestedWait > policy.maxRetryAfter) throw error.failure;
    onRetry?.({ failure: error.failure, attempt: this.#failures, wait });
    await pause(this.#context, wait, this.#signal);
  }
}

/** @param work receives its budget, to report progress */
export async function withRetry<T>(
  context: RetryContext,
  signal: AbortSignal | undefined,
  work: (budget: RetryBudget) => Promise<T>,
): Promise<T> {
  const budget = new RetryBudget(context, signal);
  for (;;) {
    throwIfCancelled(signal, 'request to the registry');
    try {
      return await work(budget);
    } catch (error) {
      await budget.after(error);
    }
  }
}

/** @throws TidegateError `cancelled` */
export async function pause(
  context: RetryContext,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await context.timing.sleep(milliseconds, signal).catch((cause: unknown) => {
    throw cancelled('waiting for the registry', cause);
  });
}

/** Full jitter (between zero and the exponential step): clients that failed together do not retry together. */
function backoff(error: RetryableError, attempt: number, { timing, policy }: RetryContext): number {
  const step = Math.min(policy.maxDelay, policy.base * 2 ** (attempt - 1)) * timing.random();
  if (error.retryAfter === undefined) return step;
  return error.retryAfter + Math.min(step, policy.base);
}

/** RFC 9110, 10.2.3: seconds, or a date. @returns milliseconds from `now`, never negative */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse accepts strings that are not dates ("-5"); HTTP dates begin with the name of the day.
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
