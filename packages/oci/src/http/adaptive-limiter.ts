import { throwIfCancelled } from '../verified.ts';
import { pause, type RetryContext } from './retry.ts';

const INITIAL_LIMIT = 8;
const MIN_LIMIT = 4;
const MAX_LIMIT = 64;
/**
 * Minimum number of concurrent request bodies. On a slow line a few uploads end at the same time, and the line would be
 * idle until their responses arrive and the next ones start. Queued bodies overload nobody; a registry that wants fewer
 * responds with 429.
 */
const MIN_BODIES = 16;
/** Smaller differences come from scheduling on this machine. Milliseconds. */
const NOISE = 4;
/** A response slower than the fastest one by this factor means that requests queue up somewhere. */
const TOLERANCE = 2;
/** Weight of one response, so that a single slow one does not change the limit much. */
const SMOOTHING = 0.2;
/**
 * The fastest response time grows by this factor with each later response, so that the limiter adapts when the route
 * gets longer.
 */
const DECAY = 1.002;

/**
 * Limits concurrent requests to one registry. The limit grows while responses are as fast as the fastest one (latency
 * dominates then, and more concurrency costs nothing) and shrinks when they queue up: the gradient of TCP Vegas. A 429
 * halves the limit and blocks all requests until the registry's Retry-After has passed.
 */
export class AdaptiveLimiter {
  readonly #retry: RetryContext;
  #limit = INITIAL_LIMIT;
  #minimum = MIN_LIMIT;
  #fastest = Number.POSITIVE_INFINITY;
  /** No request is sent before this time. Milliseconds since the epoch. */
  #blockedUntil = 0;
  /** Bodies being sent, and callers waiting to send theirs. */
  #active = 0;
  #queue: (() => void)[] = [];
  /** Earliest time of the next halving: a burst of 429 responses counts once. */
  #nextHalving = 0;

  constructor(retry: RetryContext) {
    this.#retry = retry;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Limit of concurrent request bodies. */
  get bodies(): number {
    return this.#minimum === MIN_LIMIT ? Math.max(this.limit, MIN_BODIES) : Math.max(1, this.limit);
  }

  /** Record the latency of one request without a body, from its last byte to the first byte of the response. */
  observe(milliseconds: number): void {
    this.#fastest = Math.min(this.#fastest * DECAY, milliseconds);
    const expected = TOLERANCE * this.#fastest + NOISE;
    const gradient = Math.max(0.5, Math.min(1, expected / milliseconds));
    const wanted = this.#limit * gradient + Math.sqrt(this.#limit);
    this.#limit = clamp(this.#limit + SMOOTHING * (wanted - this.#limit), this.#minimum, MAX_LIMIT);
    this.#wakeQueue();
  }

  /**
   * Run `work`, which sends a body, with at most `bodies` at a time.
   * @throws TidegateError `cancelled`, and what `work` throws
   */
  async withSlot<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    while (this.#active >= this.bodies) {
      throwIfCancelled(signal, 'waiting for the registry');
      await new Promise<void>((resolve) => {
        const go = (): void => {
          signal?.removeEventListener('abort', go);
          resolve();
        };
        this.#queue.push(go);
        signal?.addEventListener('abort', go, { once: true });
      });
    }
    throwIfCancelled(signal, 'waiting for the registry');
    this.#active += 1;
    try {
      return await work();
    } finally {
      this.#active -= 1;
      this.#wakeQueue();
    }
  }

  /** Each waiter checks again whether it may proceed. */
  #wakeQueue(): void {
    for (const go of this.#queue.splice(0)) go();
  }

  /** @param wait Retry-After in milliseconds, if the registry sent one */
  throttled(wait: number | undefined): void {
    const now = this.#retry.timing.now();
    // The registry limits requests: from now on the limit may go down to one.
    this.#minimum = 1;
    if (now >= this.#nextHalving) {
      this.#limit = Math.max(1, this.#limit / 2);
      this.#nextHalving = now + Math.max(1000, wait ?? 0);
    }
    if (wait !== undefined && wait <= this.#retry.policy.maxRetryAfter) {
      this.#blockedUntil = Math.max(this.#blockedUntil, now + wait);
    }
  }

  /** Wait until requests may be sent again. @throws TidegateError `cancelled` */
  async waitUntilAllowed(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const wait = this.#blockedUntil - this.#retry.timing.now();
      if (wait <= 0) return;
      // Spread the requests instead of sending all of them at the same moment.
      const spread = this.#retry.policy.base * this.#retry.timing.random();
      await pause(this.#retry, wait + spread, signal);
    }
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
