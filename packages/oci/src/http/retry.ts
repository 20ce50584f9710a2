import { setTimeout as delay } from 'node:timers/promises';
import type { TidegateError } from '@tidegate/core';
import { cancelled, throwIfCancelled } from '../verified.ts';

/** Time as the retries see it, so that a test needs none. */
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
  /** Tries in a row without progress, the first included. One that met nothing but silence counts for three. */
  readonly attempts: number;
  readonly base: number;
  readonly longest: number;
  /** A registry that asks for a longer pause than this is reported instead of waited for. */
  readonly longestRetryAfter: number;
  /** No try starts later than this after the first. */
  readonly deadline: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 6,
  base: 400,
  longest: 20_000,
  longestRetryAfter: 120_000,
  deadline: 15 * 60_000,
};

/** Thrown by work that may go well the next time. */
export class RetryableError extends Error {
  /** What the caller gets to see when the budget ends. */
  readonly failure: TidegateError;
  /** Milliseconds that the other side asked for. */
  readonly retryAfter: number | undefined;
  /** The try took as long as we are willing to wait: who says nothing twice will say nothing six times. */
  readonly silent: boolean;

  constructor(failure: TidegateError, retryAfter?: number, silent = false) {
    super(failure.message);
    this.failure = failure;
    this.retryAfter = retryAfter;
    this.silent = silent;
  }
}

export interface RetryEvent {
  readonly failure: TidegateError;
  /** Tries so far. */
  readonly attempt: number;
  /** Milliseconds until the next. */
  readonly wait: number;
}

export interface RetryContext {
  readonly timing: Timing;
  readonly policy: RetryPolicy;
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
}

/** What one silent try counts for. */
const SILENCE = 3;

/** How long one piece of work may still fail. */
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

  /** The work got further than before: that gives it all its tries anew. */
  progress(): void {
    this.#failures = 0;
  }

  /** Wait before the next try. @throws the failure, when it is final or the budget ends */
  async after(error: unknown): Promise<void> {
    if (!(error instanceof RetryableError)) throw error;
    const { timing, policy, onRetry } = this.#context;
    this.#failures += error.silent ? SILENCE : 1;
    const wait = pause(error, this.#failures, this.#context);
    const late = timing.now() + wait - this.#started > policy.deadline;
    const asked = error.retryAfter ?? 0;
    if (this.#failures >= policy.attempts || late || asked > policy.longestRetryAfter) throw error.failure;
    onRetry?.({ failure: error.failure, attempt: this.#failures, wait });
    await rest(this.#context, wait, this.#signal);
  }
}

/** @param work given its budget, to tell it of progress */
export async function withRetry<T>(
  context: RetryContext,
  signal: AbortSignal | undefined,
  work: (budget: RetryBudget) => Promise<T>,
): Promise<T> {
  const budget = new RetryBudget(context, signal);
  for (;;) {
    throwIfCancelled(signal, 'talking to the registry');
    try {
      return await work(budget);
    } catch (error) {
      await budget.after(error);
    }
  }
}

/** @throws TidegateError `cancelled` */
export async function rest(
  context: RetryContext,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await context.timing.sleep(milliseconds, signal).catch((cause: unknown) => {
    throw cancelled('waiting for the registry', cause);
  });
}

/** Full jitter (anywhere between nothing and the doubled step): clients that failed together do not come back together. */
function pause(error: RetryableError, attempt: number, { timing, policy }: RetryContext): number {
  const step = Math.min(policy.longest, policy.base * 2 ** (attempt - 1)) * timing.random();
  if (error.retryAfter === undefined) return step;
  return error.retryAfter + Math.min(step, policy.base);
}

/** RFC 9110, 10.2.3: seconds, or a date. @returns milliseconds from `now`, never negative */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse takes much that is no date ("-5" is one); HTTP dates begin with the day's name.
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
