import type { Pace } from '../pace.ts';

/** What one thread hashes and writes, in bytes per millisecond. */
const RATE = 700_000;
/** An answer among others takes so many times what the quickest took: 3 to 8, on registries of this machine. */
const USUAL = 5;
/** While the end of one blob is dealt with, another comes. */
export const LEAST_AT_ONCE = 2;

/**
 * How many blobs of `size` bytes one of `hands` carriers should have under way: enough to have always something to do,
 * however long an answer takes to begin, and no more, since what else comes lies in the kernel until it is out of the
 * processor's caches. Never more than its share of what the registry takes, and never fewer than two.
 */
export function atOnce(size: number, { limit, quickest }: Pick<Pace, 'limit' | 'quickest'>, hands: number): number {
  const needed = 1 + Math.ceil((USUAL * quickest * RATE) / Math.max(1, size));
  return Math.max(LEAST_AT_ONCE, Math.min(needed, Math.ceil(limit / hands)));
}
