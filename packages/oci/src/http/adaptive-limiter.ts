import { throwIfCancelled } from '../verified.ts';
import { type RetryContext, rest } from './retry.ts';

const START = 8;
const LEAST = 4;
const MOST = 64;
/**
 * Bodies on their way: on a narrow line all of a few end together, and it stands idle until they are answered and the next
 * have begun. Nobody is overtaxed by a queue in the line; a registry that wants less says 429.
 */
const LEAST_BODIES = 16;
/** Differences below this are this machine's own scheduling. Milliseconds. */
const NOISE = 4;
/** An answer may take that many times the quickest one before it counts as a queue building up somewhere. */
const TOLERANCE = 2;
/** How much one answer moves the limit: single slow ones must not. */
const SMOOTHING = 0.2;
/** The quickest answer fades by this with each later one, so that a route that became longer is believed in time. */
const FADING = 1.002;

/**
 * How much may be under way to a registry at the same time. It grows while answers come as quickly as the quickest did
 * (time then goes into the distance, and more at once costs nothing) and shrinks when they queue: the gradient of
 * TCP Vegas. A 429 halves it, and holds back everybody until the registry's Retry-After is over.
 */
export class AdaptiveLimiter {
  readonly #retry: RetryContext;
  #limit = START;
  #least = LEAST;
  #quickest = Number.POSITIVE_INFINITY;
  /** Nothing goes out before. Milliseconds since the epoch. */
  #until = 0;
  /** Bodies on their way, and who waits to send theirs. */
  #sending = 0;
  #waiting: (() => void)[] = [];
  /** When the limit was last halved: one wave of refusals counts once. */
  #halved = 0;

  constructor(retry: RetryContext) {
    this.#retry = retry;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** How many of them may be bodies that are sent. */
  get bodies(): number {
    return this.#least === LEAST ? Math.max(this.limit, LEAST_BODIES) : Math.max(1, this.limit);
  }

  /** The time of one answer to a request that was all headers, from its last byte to the answer's first. */
  answered(milliseconds: number): void {
    this.#quickest = Math.min(this.#quickest * FADING, milliseconds);
    const expected = TOLERANCE * this.#quickest + NOISE;
    const gradient = Math.max(0.5, Math.min(1, expected / milliseconds));
    const wanted = this.#limit * gradient + Math.sqrt(this.#limit);
    this.#limit = clamp(this.#limit + SMOOTHING * (wanted - this.#limit), this.#least, MOST);
    this.#wake();
  }

  /**
   * `work`, which sends a body, as one of `bodies` at a time.
   * @throws TidegateError `cancelled`, and what `work` throws
   */
  async sending<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    while (this.#sending >= this.bodies) {
      throwIfCancelled(signal, 'waiting for the registry');
      await new Promise<void>((resolve) => {
        const go = (): void => {
          signal?.removeEventListener('abort', go);
          resolve();
        };
        this.#waiting.push(go);
        signal?.addEventListener('abort', go, { once: true });
      });
    }
    throwIfCancelled(signal, 'waiting for the registry');
    this.#sending += 1;
    try {
      return await work();
    } finally {
      this.#sending -= 1;
      this.#wake();
    }
  }

  /** Each looks for itself whether it is its turn. */
  #wake(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  /** @param wait milliseconds that the registry asked for, if it did */
  throttled(wait: number | undefined): void {
    const now = this.#retry.timing.now();
    // A limit on requests is not found again by waiting less: from here on even one at a time may be right.
    this.#least = 1;
    if (now >= this.#halved) {
      this.#limit = Math.max(1, this.#limit / 2);
      this.#halved = now + Math.max(1000, wait ?? 0);
    }
    if (wait !== undefined && wait <= this.#retry.policy.longestRetryAfter) {
      this.#until = Math.max(this.#until, now + wait);
    }
  }

  /** Until nobody has to be waited for. @throws TidegateError `cancelled` */
  async ready(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const wait = this.#until - this.#retry.timing.now();
      if (wait <= 0) return;
      // Not all in the same moment.
      const spread = this.#retry.policy.base * this.#retry.timing.random();
      await rest(this.#retry, wait + spread, signal);
    }
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
